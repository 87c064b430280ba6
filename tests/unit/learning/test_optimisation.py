"""Who optimises what, how fast, and what is averaged."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, distributed, multiprocessing, nn

from gpff_core.learning.muon import Muon, orthogonalised, shared_out
from gpff_core.learning.optimisation import (
    EMA_DECAY,
    WARMUP_STEPS,
    averaged_copy,
    build_optimizers,
    learning_rate_factor,
)
from gpff_core.networks.checkpoint import build_network
from tests.unit.small_data import TINY


def test_every_parameter_is_optimised_once() -> None:
    network = build_network("transformer", TINY)
    optimised = [p for o in build_optimizers(network, 1e-3) for group in o.param_groups for p in group["params"]]
    assert len({id(p) for p in optimised}) == len(optimised)
    assert {id(p) for p in optimised} == {id(p) for p in network.parameters()}


def test_muon_gets_the_hidden_matrices_and_nothing_else() -> None:
    network = build_network("transformer", TINY)
    muon, adam = build_optimizers(network, 1e-3)
    assert isinstance(muon, Muon)
    assert isinstance(adam, torch.optim.AdamW)
    names = {id(p): name for name, p in network.named_parameters()}
    by_muon = {names[id(p)] for group in muon.param_groups for p in group["params"]}
    matrices = {
        f"{name}.weight"
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) and module.out_features > 1
    }
    assert by_muon == matrices
    assert not any("element" in name for name in by_muon)


def test_muon_takes_the_steps_of_torch_without_its_rounding() -> None:
    """The reference rounds to bfloat16, 8 bits: steps agree to a few thousandths of their size."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(12, 30), (12, 30), (40, 16)]
    ours, theirs = ([nn.Parameter(torch.ones(shape)) for shape in shapes] for _ in range(2))
    muon = Muon(ours, lr=1e-2, weight_decay=0.05)
    reference = torch.optim.Muon(theirs, lr=1e-2, weight_decay=0.05, adjust_lr_fn="match_rms_adamw")
    for _ in range(5):
        for one, other in zip(ours, theirs, strict=True):
            one.grad = torch.randn(one.shape, generator=generator)
            other.grad = one.grad.clone()
        muon.step()
        reference.step()
    for one, other in zip(ours, theirs, strict=True):
        moved = (other - 1).norm().item()
        assert (one - other).norm().item() / moved < 0.02


@pytest.mark.parametrize("shape", [(3, 8, 20), (3, 20, 8)])
def test_orthogonalised_matrices_keep_their_singular_vectors_and_lose_their_scale(shape: tuple[int, ...]) -> None:
    matrices = 50 * torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    u, _, vt = torch.linalg.svd(matrices, full_matrices=False)
    got = u.mT @ orthogonalised(matrices) @ vt.mT
    values = torch.diagonal(got, dim1=1, dim2=2)
    assert (got - torch.diag_embed(values)).abs().max() < 1e-9
    assert (values > 0.5).all()
    assert (values < 1.3).all()


def test_learning_rate_warms_up_and_ends_at_zero() -> None:
    assert learning_rate_factor(0, 0.0) == pytest.approx(1 / WARMUP_STEPS)
    assert learning_rate_factor(WARMUP_STEPS, 0.0) == 1
    assert learning_rate_factor(10**6, 0.5) == pytest.approx(0.5)
    assert learning_rate_factor(10**6, 0.25) == pytest.approx((1 + math.sqrt(0.5)) / 2)
    assert learning_rate_factor(10**6, 1.0) == pytest.approx(0, abs=1e-12)
    assert learning_rate_factor(10**6, 1.3) == pytest.approx(0, abs=1e-12)


def test_average_follows_its_formula() -> None:
    """a ← d a + (1 − d) w with d = min(0.999, (1 + n)/(10 + n)); the first weights are taken as they are."""
    network = nn.Linear(1, 1, bias=False).double()
    averaged = averaged_copy(network)
    expected = 0.0
    for n in range(40):
        with torch.no_grad():
            network.weight.fill_(math.sin(n))
        averaged.update_parameters(network)
        decay = min(EMA_DECAY, (1 + n) / (10 + n))
        expected = math.sin(n) if n == 0 else decay * expected + (1 - decay) * math.sin(n)
        assert averaged.module.weight.item() == pytest.approx(expected, abs=1e-12)


def test_average_has_a_long_memory_in_the_end() -> None:
    network = nn.Linear(1, 1, bias=False).double()
    averaged = averaged_copy(network)
    with torch.no_grad():
        network.weight.zero_()
    averaged.update_parameters(network)
    averaged.n_averaged.fill_(10**6)
    with torch.no_grad():
        network.weight.fill_(1.0)
    averaged.update_parameters(network)
    assert averaged.module.weight.item() == pytest.approx(1 - EMA_DECAY, rel=1e-9)


def stacks() -> list[Tensor]:
    """One matrix, which cannot be shared, and five, which cannot be shared evenly."""
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(n, 8, 20, generator=generator) for n in (1, 5)]


def _share_of(rank: int, n_processes: int, folder: Path) -> None:
    rendezvous = f"file://{folder / 'rendezvous'}"
    distributed.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=n_processes)
    torch.save([shared_out(stack, None) for stack in stacks()], folder / f"{rank}.pt")
    distributed.destroy_process_group()


def test_every_process_of_a_run_gets_the_steps_that_one_alone_would_take(tmp_path: Path) -> None:
    multiprocessing.spawn(_share_of, (2, tmp_path), nprocs=2)
    for rank in range(2):
        for got, stack in zip(torch.load(tmp_path / f"{rank}.pt"), stacks(), strict=True):
            assert torch.allclose(got, orthogonalised(stack), atol=1e-6)


def test_muon_in_bfloat16_goes_the_same_way() -> None:
    """In 8 bits: hardly another direction, and weights that are still float32."""
    (stack,) = stacks()[1:]
    coarse = shared_out(stack, torch.bfloat16)
    assert coarse.dtype == torch.float32
    exact = orthogonalised(stack)
    assert 0 < (coarse - exact).norm() / exact.norm() < 0.05
