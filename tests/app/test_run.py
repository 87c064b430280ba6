"""A run of the Generate page is the library's run, recorded."""

import shlex
from pathlib import Path

import ase.io
import numpy as np
import pytest

from gpff_app.jobs import Job, JobState
from gpff_app.run import Order, Run
from gpff_app.session import Workplace
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.cli import main
from gpff_core.errors import GpffError
from gpff_core.generation import generate, samples_of
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.priors import Covariance, Isotropic
from gpff_core.recipe import Recipe

WATER = parse_formula("H2O")


def order(**changes: object) -> Order:
    settings = {"composition": WATER, "n_molecules": 3, "recipe": Recipe(steps=4, seed=5), "checkpoint": "tiny"}
    return Order(**{**settings, **changes})


def test_the_samples_are_the_librarys(field: Checkpoint) -> None:
    run = Run(order(), field, None)
    for _ in run.steps():
        pass
    expected = samples_of(generate(field, run.request))
    assert [sample.index for sample in run.samples] == [0, 1, 2]
    for sample, other in zip(run.samples, expected, strict=True):
        np.testing.assert_array_equal(sample.positions, other.positions)


def test_frames_end_in_the_samples_and_forces_point_at_the_next_prediction(field: Checkpoint) -> None:
    plain = Recipe(steps=4, settings={"stochastic_lambda": 0.0, "momentum": 0.0})
    run = Run(order(recipe=plain), field, None)
    for _ in run.steps():
        pass
    (track,) = run.recording.tracks
    assert run.recording.n_frames == run.recording.n_expected == 5
    assert run.progress == 1
    for here, following in zip(track.frames, track.frames[1:], strict=False):  # without shaking, X ← X + F/2
        np.testing.assert_allclose(following.positions, here.positions + here.forces / 2, atol=1e-5)
    np.testing.assert_array_equal(track.frames[-1].positions, np.concatenate([s.positions for s in run.samples]))


def test_a_stopped_run_keeps_the_prediction_of_its_last_step(field: Checkpoint) -> None:
    run = Run(order(), field, None)
    steps = run.steps()
    next(steps)
    next(steps)
    run.keep()
    (track,) = run.recording.tracks
    assert [sample.n_evaluations for sample in run.samples] == [2, 2, 2]
    np.testing.assert_allclose(
        np.concatenate([sample.positions for sample in run.samples]),
        track.frames[1].positions + track.frames[1].forces / 2,
        atol=1e-6,
    )


def test_only_what_is_valid_of_a_stopped_run_is_archived(field: Checkpoint) -> None:
    run, archived = Run(order(), field, None), []
    run.archive = lambda samples, provenance, name: archived.extend(samples)
    next(run.steps())
    run.keep()
    assert run.stopped_at == 1
    assert len(run.samples) == 3
    assert archived == [sample for sample in run.samples if sample.verdict.valid]


def test_no_command_is_given_for_molecules_of_a_stopped_run(field: Checkpoint) -> None:
    """The command of the whole run makes others."""
    run = Run(order(), field, None)
    whole, archived = run.provenance, []
    run.archive = lambda samples, provenance, name: archived.append(provenance)
    next(run.steps())
    run.keep()
    assert whole.command
    assert (run.provenance.command, run.provenance.input_files) == ("", {})
    assert run.provenance.sampler == f"{whole.sampler}, stopped at step 1 of 4"
    assert archived in ([], [run.provenance])


def test_a_stop_that_comes_when_all_is_done_changes_nothing(field: Checkpoint) -> None:
    run, archived = Run(order(), field, None), []
    run.archive = lambda samples, provenance, name: archived.extend(samples)
    steps, whole = run.steps(), run.provenance
    while len(run.samples) < 3:
        next(steps)
    run.keep()
    assert (run.stopped_at, run.provenance, archived) == (None, whole, run.samples)
    job = Job("ann", run, JobState.STOPPED)
    assert Workplace("generate", run, job).state is JobState.FINISHED


def test_a_run_stopped_before_its_first_step_has_nothing_to_keep(field: Checkpoint) -> None:
    run = Run(order(), field, None)
    run.keep()
    assert (run.samples, run.recording.n_frames) == ([], 0)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe("direct", steps=7, prior=Isotropic(2.5), settings={"stochastic_lambda": 0.3}, seed=11),
        Recipe("self-paced", prior=Covariance(9.0, 1.0, 2.25, 0.1, 0.0, -0.2), settings={"kappa": 0.5}),
        Recipe("heun", steps=9, settings={"schedule": "geometric", "churn": 10.0, "sigma_min": 0.05}),
    ],
)
def test_the_command_line_makes_the_same_molecules(
    recipe: Recipe, field: Checkpoint, tiny_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = order(recipe=recipe)
    words = shlex.split(wanted.command())
    assert words[:3] == ["python", "-m", "gpff_core"]
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tiny_path.parent))
    out = tmp_path / "molecules.extxyz"
    assert main([*words[3:], "--out", str(out)]) == 0
    expected = samples_of(generate(field, wanted.request()))
    for atoms, sample in zip(ase.io.read(out, index=":"), expected, strict=True):
        np.testing.assert_allclose(atoms.positions, sample.positions, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"n_molecules": 0},
            "0 molecules were asked for; the page makes 1 to 64 at once; the command line makes any number.",
        ),
        ({"n_molecules": 65}, "65 molecules were asked for"),
        ({"recipe": Recipe(steps=0)}, "0 steps were asked for; give at least 1"),
        ({"recipe": Recipe(seed=-1)}, "The seed is -1"),
        ({"recipe": Recipe(steps=10**7)}, "3 molecules of 3 atoms over 10000000 steps are more than the page can show"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(GpffError, match=sentence.replace(".", r"\.")):
        order(**changes)
