"""What a page says of a run: how far it is, and what became of its molecules."""

from types import SimpleNamespace

import numpy as np
import pytest

from gpff_app import resources
from gpff_app.results import opinion, summary
from gpff_app.run import place_in
from gpff_app.watching import POLL, POLL_A_JOB, poll
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import verdict
from gpff_core.recipe import Recipe
from gpff_core.samples import Sample

WATER = np.array([[-0.757, 0.586, 0.0], [0.757, 0.586, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32)


def sample(index: int, scaffold: str, scale: float = 1) -> Sample:
    composition, positions = parse_formula("H2O"), scale * WATER
    opinion = verdict(composition.numbers, positions)
    return Sample(index, composition, positions, opinion, Novelty.KNOWN, 4, scaffold)


@pytest.mark.parametrize(
    ("n_done", "reheat", "said"),
    [
        (1, 4, "step 1 of 60"),
        (58, 4, "step 58 of 60"),
        (59, 4, "step 59 of 60"),
        (61, 4, "step 60 of 60"),  # the polish, and the look at the result: no round was needed
        (62, 4, "round 1 of 4 of reheating"),
        (66, 4, "round 1 of 4 of reheating"),  # the end of a run with one round: 58 + 5, the polish and the look
        (71, 4, "round 2 of 4 of reheating"),
        (81, 4, "round 4 of 4 of reheating"),
        (90, 4, "round 4 of 4 of reheating"),
        (61, 0, "step 60 of 60"),
    ],
)
def test_steps_are_counted_in_the_sampler_and_rounds_after_it(n_done: int, reheat: int, said: str) -> None:
    assert place_in(Recipe(steps=60, reheat=reheat), n_done) == said


def test_a_lost_scaffold_is_no_success_wherever_it_is_told() -> None:
    kept, lost, broken = sample(0, "kept"), sample(1, "two bonds are missing"), sample(2, "not valid", 3)
    assert opinion(kept) == "✓ O"
    assert opinion(lost) == "✗ scaffold lost: two bonds are missing: O"
    assert opinion(broken) == "✗ falls into 3 pieces"
    assert summary([kept, lost, broken])[:2] == ["**1 of 3 kept the scaffold**", "2 valid"]
    assert summary([sample(0, "")])[0] == "**1 of 1 valid**"


@pytest.mark.parametrize(("n_active", "seconds"), [(0, POLL), (1, POLL), (2, POLL), (10, 10 * POLL_A_JOB)])
def test_pages_look_less_often_where_many_runs_share_the_machine(
    n_active: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "job_queue", lambda: SimpleNamespace(n_active=n_active))
    assert poll() == seconds
    assert seconds >= POLL
