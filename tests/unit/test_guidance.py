"""Guidance by the early read-out: what it does to forces that are known, and that every way to it gives the same."""

import pytest
import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force, raw_noise_level
from gpff_core.guidance import FADE, Guided, twice_read
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.noise import Noise
from gpff_core.priors.shape import HeldShape, reshaped
from gpff_core.samplers import DirectDenoising, GuidedSampler
from tests.unit.analytic import Dirac

WATER, ETHANOL = Composition((8, 1, 1)), Composition((6, 6, 8, 1, 1, 1, 1, 1, 1))
PAIR = AtomBatch.from_compositions([WATER, ETHANOL])
ROD = (0.85, 0.13, 0.02)


class Hesitant:
    """Knows the equilibrium, at the origin, but one layer earlier believed in half the way."""

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        return pseudo_force(positions, torch.zeros_like(positions))

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        return self(positions, batch) / 2, self(positions, batch)

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return raw_noise_level(force, batch)


def cloud(batch: AtomBatch, size: float = 1.5, seed: int = 0) -> Tensor:
    return batch.centred(size * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(seed)))


@pytest.fixture(scope="module")
def qm9() -> Checkpoint:
    return load_checkpoint(checkpoint_path("qm9"))


def test_what_the_last_layer_changed_counts_more() -> None:
    """By the weight where there is much noise, by half of it where σ̂ is FADE, and by nothing at a molecule."""
    field, z = Hesitant(), cloud(PAIR)
    unit = raw_noise_level(field(z, PAIR), PAIR)[PAIR.molecule, None]
    for level, share in ((1e4, 1.0), (FADE, 0.5), (1e-4, 0.0)):
        x = level * z / unit
        expected = (1 + 0.4 * share * 0.5) * field(x, PAIR)
        torch.testing.assert_close(Guided(field, 0.4)(x, PAIR), expected, rtol=1e-5, atol=1e-6)


def test_molecules_are_guided_by_their_own_noise() -> None:
    x = cloud(PAIR) * torch.where(PAIR.molecule == 0, 0.05, 3.0)[:, None]
    together = Guided(Hesitant(), 1)(x, PAIR)
    alone = [Guided(Hesitant(), 1)(x[PAIR.molecule == m], PAIR.select([m])) for m in range(2)]
    torch.testing.assert_close(together, torch.cat(alone))


def test_no_weight_changes_nothing(qm9: Checkpoint) -> None:
    with torch.inference_mode():
        assert torch.equal(Guided(qm9, 0)(cloud(PAIR), PAIR), qm9(cloud(PAIR), PAIR))


@pytest.mark.parametrize("autograd", [True, False])
def test_the_shipped_checkpoint_is_guided_with_and_without_autograd(qm9: Checkpoint, autograd: bool) -> None:
    x = cloud(PAIR)
    with torch.inference_mode(mode=not autograd):
        forces = Guided(qm9, 0.5)(x, PAIR)
        assert (forces - qm9(x, PAIR)).norm() > 0.1
    with torch.inference_mode(mode=autograd):
        torch.testing.assert_close(Guided(qm9, 0.5)(x, PAIR), forces.clone(), rtol=0, atol=1e-4)


def test_turned_atoms_are_guided_as_much(qm9: Checkpoint) -> None:
    q = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(3))).Q
    x, guided = cloud(PAIR), Guided(qm9, 0.5)
    torch.testing.assert_close(guided(x @ q.T, PAIR), guided(x, PAIR) @ q.T, rtol=0, atol=1e-4)


def test_a_shape_is_held_and_guided_at_once() -> None:
    """Both read-outs see the held shape, so what guidance adds is what it would add there."""
    x, field = cloud(PAIR), Hesitant()
    held = HeldShape(field, ROD)
    seen = reshaped(x, ROD, PAIR)
    early, final = held.early_and_final(x, PAIR)
    torch.testing.assert_close(final, held(x, PAIR))
    inner_early, inner_final = field.early_and_final(seen, PAIR)
    torch.testing.assert_close(final - early, inner_final - inner_early)
    assert not torch.allclose(x, seen)


def test_a_guided_sampler_is_the_sampler_on_the_guided_field() -> None:
    field, noise = Hesitant(), (Noise(0, (0, 1)) for _ in range(2))
    sampler = DirectDenoising(4, 0.5)
    plain = [step.x0_hat for step in sampler.steps(Guided(field, 0.7), cloud(PAIR), PAIR, next(noise))]
    guided = [step.x0_hat for step in GuidedSampler(sampler, 0.7).steps(field, cloud(PAIR), PAIR, next(noise))]
    assert all(map(torch.equal, plain, guided))
    assert str(GuidedSampler(sampler, 0.7)) == f"{sampler}, guided(weight=0.7)"


@pytest.mark.parametrize("weight", [-0.1, 10.1, float("nan")])
def test_an_impossible_weight_is_refused_in_one_sentence(weight: float) -> None:
    with pytest.raises(GpffError, match=rf"^The guidance is {weight}; give 0 for none to 10, for example"):
        GuidedSampler(DirectDenoising(), weight)


def test_a_field_that_was_never_read_twice_is_named() -> None:
    with pytest.raises(GpffError, match=r"^The field Dirac has no early read-out .* set the guidance to 0"):
        twice_read(Dirac(torch.zeros(3, 3)))
