"""What a page shows as command and as Python makes the molecules of the page."""

import io
import json
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ase.io
import numpy as np
import pytest

from gpff_app.library.store import Library
from gpff_app.noise_lab.comparison import Comparison, Plan
from gpff_app.noise_lab.schedules import Schedule
from gpff_app.order_json import order_as_dict, order_from_dict
from gpff_app.reproduce import command_lines, input_files, python_code
from gpff_app.run import Order, Run
from gpff_app.scaffold_order import ScaffoldOrder, ranges
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.cli import main
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure
from gpff_core.formats.writing import records_as_bytes
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.priors import Isotropic, PointCloud, Shape
from gpff_core.recipe import Recipe

REPOSITORY = Path(__file__).parents[2]


def benzene() -> Structure:
    return Structure(*structure_from_smiles("c1ccccc1"))


def toluene_order(n_steps: int = 3, **changes: object) -> Order:
    scaffold = ScaffoldOrder(benzene(), **{"freeze": (0, 1, 2, 3, 4, 5), "added": parse_formula("CH8"), **changes})
    return Order(
        scaffold.whole(),
        2,
        Recipe("direct", steps=n_steps, prior=Isotropic(0.8), seed=4, frozen=True),
        "tiny",
        scaffold,
    )


def many_points() -> Order:
    """On a scaffold, so that the command reads two files."""
    points = np.random.default_rng(0).normal(size=(4000, 3))
    order = toluene_order()
    return replace(order, recipe=replace(order.recipe, prior=PointCloud.of(points, 0.2)))


ORDERS: dict[str, Callable[[], Order]] = {
    "formula": lambda: Order(parse_formula("C2H6O"), 3, Recipe("heun", steps=3, settings={"churn": 2.0}), "tiny"),
    "shaped": lambda: Order(
        parse_formula("C3H8"), 2, Recipe(steps=4, prior=Shape((0.5, 0.4, 0.1), 1.8, hold=True), seed=9), "tiny"
    ),
    "frozen": toluene_order,
    "attached": lambda: toluene_order(
        freeze=(0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11), added=parse_formula("CH3"), attachment=0
    ),
    "frozen, by default shaken harder": lambda: toluene_order(n_steps=45),
    "sprung": lambda: toluene_order(stiffness=3.5),
    "many points": many_points,
}


@pytest.fixture(params=ORDERS)
def order(request: pytest.FixtureRequest, tiny_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Order:
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tiny_path.parent))
    monkeypatch.chdir(tmp_path)
    order = ORDERS[request.param]()
    for file in input_files(order).values():
        Path(file.name).write_text(file.text)
    return order


def made(order: Order, field: Checkpoint) -> list[np.ndarray]:
    run = Run(order, field, None)
    for _ in run.steps():
        pass
    return [sample.positions for sample in run.samples]


def test_the_command_makes_the_molecules_of_the_page(order: Order, field: Checkpoint, tmp_path: Path) -> None:
    words = shlex.split(order.command())
    assert max(map(len, words)) < 2100, "one can still copy it, and no system refuses it"
    assert main([*words[3:], "--out", str(tmp_path / "out.extxyz")]) == 0
    found = [atoms.positions for atoms in ase.io.read(tmp_path / "out.extxyz", index=":")]
    np.testing.assert_allclose(found, made(order, field), atol=1e-6)


@pytest.mark.parametrize("make", [toluene_order, many_points])
def test_what_the_library_exports_as_zip_is_made_again_by_the_command_in_it(
    tiny_path: Path, field: Checkpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[], Order]
) -> None:
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tiny_path.parent))
    order = make()
    run = Run(order, field, None)
    run.archive = Library(tmp_path / "library.sqlite3").add
    for _ in run.steps():
        pass
    records = [entry.record() for entry in Library(tmp_path / "library.sqlite3").entries([1, 2])]
    with zipfile.ZipFile(io.BytesIO(records_as_bytes(".zip", records))) as archive:
        archive.extractall(tmp_path / "zip")
    monkeypatch.chdir(tmp_path / "zip")
    [made_by] = json.loads(Path("provenance.json").read_text())
    assert all(made_by[name] in Path("README.txt").read_text() for name in input_files(order))
    assert main([*shlex.split(made_by["command"])[3:], "--out", "again.extxyz"]) == 0
    again, before = (ase.io.read(name, index=":") for name in ("again.extxyz", "structures.extxyz"))
    for one, other in zip(again, before, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
        assert one.positions[made_by["frozen_atoms"]] == pytest.approx(benzene().positions[:6], abs=1e-6)


def test_the_python_code_makes_the_molecules_of_the_page(order: Order, field: Checkpoint) -> None:
    names: dict[str, object] = {}
    exec(compile(order.python(), "shown on the page", "exec"), names)
    found = [sample.positions for sample in names["samples"]]
    np.testing.assert_array_equal(found, made(order, field))


def test_what_is_shown_of_several_seeds_makes_the_molecules_of_all(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch, field: Checkpoint, tmp_path: Path
) -> None:
    plan = Plan((Schedule("heun", 3, 2.0, {"churn": 2.0}),), parse_formula("C2H6O"), 2, 5, 3, "tiny")
    comparison = Comparison(plan, field, None)
    for _ in comparison.steps():
        pass
    expected = [sample.positions for sample in comparison.samples_of(0).values()]
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tiny_path.parent))

    names: dict[str, object] = {}
    exec(compile(python_code(plan.order(0, plan.seed), plan.seeds), "shown on the page", "exec"), names)
    np.testing.assert_array_equal([sample.positions for sample in names["samples"]], expected)

    script = command_lines(plan.order(0, plan.seed), plan.seeds).replace("\ndone", ' --out "$seed.extxyz"\ndone')
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, check=True)
    found = [atoms.positions for seed in plan.seeds for atoms in ase.io.read(tmp_path / f"{seed}.extxyz", index=":")]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_an_order_survives_json(order: Order, field: Checkpoint) -> None:
    again = order_from_dict(order_as_dict(order))
    assert again.command() == order.command()
    np.testing.assert_array_equal(made(again, field), made(order, field))


def test_frozen_atoms_come_first_and_do_not_move(field: Checkpoint) -> None:
    order = toluene_order(freeze=(5, 3, 1), added=parse_formula("C4H8"))
    frozen = benzene().positions[[1, 3, 5]]
    for positions in made(order, field):
        np.testing.assert_array_equal(positions[:3], frozen)
    assert Run(order, field, None).provenance.frozen_atoms == (0, 1, 2)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"freeze": ()}, "No atom is frozen"),
        ({"freeze": (0, 12)}, "among the 12 of the structure"),
        ({"added": parse_formula("C190H10")}, "at most 200 are allowed"),
        ({"file_name": "../benzene.xyz"}, "no name for the scaffold's file"),
        ({"file_name": "-x.xyz"}, "no name for the scaffold's file"),
    ],
)
def test_scaffolds_that_make_no_sense_are_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(GpffError, match=sentence):
        toluene_order(**changes)


def test_indices_are_written_as_ranges() -> None:
    assert ranges([7, 0, 1, 2, 5, 4]) == "0-2,4-5,7"
