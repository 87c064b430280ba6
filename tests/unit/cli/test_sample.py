"""`sample` as a chemist uses it: what is asked for is what the files hold."""

import csv
import itertools
import json
import shlex
from pathlib import Path

import ase.io
import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from gpff_core.formats.reading import read_structures
from tests.unit.cli.conftest import Command

MIXED = ("--formula", "CH4", "--formula", "H2O", "--formula", "CH2O", "-n", "3", "--steps", "20")


def test_summary_agrees_with_itself(sample: Command) -> None:
    summary = sample(*MIXED, "--json").summary
    structures = summary["structures"]
    valid = [s for s in structures if s["valid"]]
    assert [s["index"] for s in structures] == list(range(9))
    assert [s["formula"] for s in structures] == ["CH4"] * 3 + ["H2O"] * 3 + ["CH2O"] * 3
    assert summary["requested"] == summary["finished"] == 9
    assert summary["valid"] == len(valid) >= 7
    assert summary["valid_share"] == pytest.approx(len(valid) / 9)
    assert summary["unique"] == len({s["smiles"] for s in valid}) == 3
    assert summary["novel"] == 1
    assert {s["smiles"]: s["novelty"] for s in valid} == {"C": "known", "O": "known", "C=O": "novel"}
    assert summary["network_calls"] == sum(s["n_evaluations"] for s in structures) == 180
    assert all(bool(s["smiles"]) != bool(s["reason"]) for s in structures)
    assert summary["seconds"] > 0


def test_files_hold_what_the_summary_says(sample: Command, tmp_path: Path) -> None:
    names = [tmp_path / f"out.{suffix}" for suffix in ("sdf", "xyz", "extxyz", "csv")]
    outcome = sample(*MIXED, "--json", *(word for name in names for word in ("--out", name)))
    structures = outcome.summary["structures"]
    assert outcome.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {name.name for name in names}

    molecules = list(Chem.SDMolSupplier(str(names[0]), removeHs=False))
    valid = [s for s in structures if s["valid"]]
    assert [rdMolDescriptors.CalcMolFormula(m) for m in molecules] == [s["formula"] for s in valid]
    assert [Chem.MolToSmiles(Chem.RemoveHs(m)) for m in molecules] == [s["smiles"] for s in valid]
    assert [int(m.GetProp("index")) for m in molecules] == [s["index"] for s in valid]
    left_out = f", {9 - len(valid)} left out because they are not valid" if len(valid) < 9 else ""
    assert f"out.sdf: {len(valid)} structures{left_out}\n" in outcome.err

    frames = ase.io.read(names[2], index=":")
    assert [atoms.info["index"] for atoms in frames] == list(range(9))
    assert [bool(atoms.info["valid"]) for atoms in frames] == [s["valid"] for s in structures]
    plain = ase.io.read(names[1], index=":", format="xyz")
    assert all(np.allclose(a.positions, b.positions, atol=1e-5) for a, b in zip(frames, plain, strict=True))
    with names[3].open(newline="") as file:
        assert [row["smiles"] for row in csv.DictReader(file)] == [s["smiles"] for s in structures]


def test_a_trajectory_is_what_the_sampler_did(sample: Command, tmp_path: Path) -> None:
    """Direct denoising without shaking: the next frame is this frame plus half its pseudo-force, down to the result."""
    words = ("--formula", "CH4", "--formula", "H2O", "--steps", "6", "--stochastic-lambda", "0", "--momentum", "0")
    sample(*words, "--trajectory", tmp_path / "t.extxyz", "--out", tmp_path / "out.extxyz")
    frames = ase.io.read(tmp_path / "t.extxyz", index=":")
    results = ase.io.read(tmp_path / "out.extxyz", index=":")
    for index, result in enumerate(results):
        path = [atoms for atoms in frames if atoms.info["index"] == index]
        assert [atoms.info["step"] for atoms in path] == list(range(7))
        for here, there in itertools.pairwise(path):
            assert there.positions == pytest.approx(here.positions + here.get_forces() / 2, abs=1e-5)
        assert path[-1].positions == pytest.approx(result.positions, abs=1e-6)
        assert path[0].info["sigma"] > path[-1].info["sigma"]
        assert path[-2].info["n_evaluations"] == 6


@pytest.mark.parametrize("sampler", ["self-paced", "ancestral", "heun"])
def test_every_trajectory_ends_in_the_result(sample: Command, tmp_path: Path, sampler: str) -> None:
    words = ("--formula", "CH4", "-n", "3", "--sampler", sampler, "--steps", "12")
    sample(*words, "--trajectory", tmp_path / "t.extxyz", "--out", tmp_path / "out.extxyz")
    frames = ase.io.read(tmp_path / "t.extxyz", index=":")
    for index, result in enumerate(ase.io.read(tmp_path / "out.extxyz", index=":")):
        last = [atoms for atoms in frames if atoms.info["index"] == index][-1]
        assert last.positions == pytest.approx(result.positions, abs=1e-6)
        assert last.info["n_evaluations"] == result.info["n_evaluations"]


@pytest.mark.parametrize("sampler", ["direct", "self-paced", "ancestral", "heun"])
def test_a_molecule_is_the_same_in_any_batch(sample: Command, tmp_path: Path, sampler: str) -> None:
    words = (*MIXED[:-2], "--sampler", sampler, "--steps", "8", "--seed", "4")
    positions = []
    for size in ("1", "2", "64"):
        file = tmp_path / f"{size}.extxyz"
        sample(*words, "--batch-size", size, "--out", file)
        positions.append([atoms.positions for atoms in ase.io.read(file, index=":")])
    for alone, pair, together in zip(*positions, strict=True):
        assert alone == pytest.approx(together, abs=1e-3)
        assert pair == pytest.approx(together, abs=1e-3)


def test_the_command_in_a_file_makes_its_molecules_again(sample: Command, gpff: Command, tmp_path: Path) -> None:
    covariance = "--covariance=2.5,1.7,1.123456789012345,0.1,-0.2,0.3"
    sample("--smiles", "C=O", "-n", "4", covariance, "--steps", "9", "--seed", "11", "--out", tmp_path / "one.extxyz")
    one = ase.io.read(tmp_path / "one.extxyz", index=":")
    words = shlex.split(one[0].info["command"])
    assert words[:4] == ["python", "-m", "gpff_core", "sample"]
    assert gpff(*words[3:], "--out", tmp_path / "two.extxyz").code == 0
    two = ase.io.read(tmp_path / "two.extxyz", index=":")
    assert [a.positions.tolist() for a in one] == [b.positions.tolist() for b in two]
    assert [a.info for a in one] == [b.info for b in two]


def test_seeds_and_places_give_different_molecules(sample: Command, tmp_path: Path) -> None:
    clouds = []
    for seed in ("0", "1"):
        sample("--formula", "CH4", "-n", "2", "--steps", "1", "--seed", seed, "--out", tmp_path / "a.extxyz")
        clouds += [atoms.positions for atoms in ase.io.read(tmp_path / "a.extxyz", index=":")]
    pairs = [(a, b) for a in range(4) for b in range(a)]
    assert all(np.abs(clouds[a] - clouds[b]).max() > 0.01 for a, b in pairs)


def test_formulas_come_from_a_file_and_from_the_data(sample: Command, tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text("# what I need\nCH4\n\n  H2O  \n")
    listed = sample("--formulas", tmp_path / "f.txt", "-n", "2", "--steps", "2", "--json").summary
    assert [s["formula"] for s in listed["structures"]] == ["CH4", "CH4", "H2O", "H2O"]
    drawn = sample("--from-data", "-n", "40", "--steps", "2", "--seed", "3", "--json").summary
    again = sample("--from-data", "-n", "40", "--steps", "2", "--seed", "3", "--json").summary
    formulas = [s["formula"] for s in drawn["structures"]]
    assert set(formulas) == {"CH4", "H2O"}
    assert formulas == [s["formula"] for s in again["structures"]]


@pytest.fixture
def disturbed(tmp_path: Path) -> Path:
    """Methanal, its atoms up to 0.4 Å from their places, oxygen first."""
    path = tmp_path / "disturbed.xyz"
    path.write_text("4\n\nO 0.1 0.3 1.1\nC 0.0 -0.2 0.1\nH 1.2 0.2 -0.7\nH -0.8 -0.1 -0.4\n")
    return path


@pytest.mark.parametrize("sampler", ["ancestral", "adaptive-heun"])
def test_a_ladder_starts_at_the_noise_level_that_a_structure_has(
    sample: Command, disturbed: Path, sampler: str
) -> None:
    """And the command that is shown makes the same again, though it does not name the file."""
    summary = sample("--start", disturbed, "--sampler", sampler, "--steps", "6", "--json").summary
    (made,) = summary["structures"]
    assert made["formula"] == "CH2O"
    own = json.loads(summary["provenance"]["prior"].partition("own_sigma=")[2].partition(",")[0])
    assert 0.05 < own < 0.6
    assert f"sigma_max={own:g}" in summary["provenance"]["sampler"]
    command = shlex.split(summary["provenance"]["command"])
    again = sample(*command[4:], "--json").summary
    assert again["structures"] == summary["structures"]
    assert again["provenance"]["prior"] == summary["provenance"]["prior"]


def test_atoms_without_a_counterpart_are_told(sample: Command, disturbed: Path) -> None:
    err = sample("--start", disturbed, "--formula", "CH4O", "--formula", "CO2", "--steps", "2").err
    assert "CH4O has atoms without a place in CH2O (2), which start around its centre; a ladder of noise" in err
    assert "CO2 has atoms without a place in CH2O (1), which start around its centre; a ladder" in err
    assert "; CH2O has atoms that CO2 leaves out" in err
    assert "without a place" not in sample("--start", disturbed, "--steps", "2").err


def test_a_structure_is_noised_up_to_a_level(sample: Command, disturbed: Path) -> None:
    words = ("--start", disturbed, "--sampler", "ancestral", "--steps", "6", "--sigma", "1.5", "--json")
    provenance = sample(*words).summary["provenance"]
    assert "sigma=1.5, own_sigma=0." in provenance["prior"]
    assert "sigma_max=1.5" in provenance["sampler"]


def test_every_structure_of_a_finished_run_is_gone_on_from(sample: Command, tmp_path: Path) -> None:
    """Each from its own place, so that no atom goes far; the command names the file, however many there are."""
    run = tmp_path / "run.sdf"
    assert sample("--formula", "CH4", "--formula", "H2O", "--steps", "30", "--out", run).code == 0
    first, second = (
        summary["structures"]
        for summary in (
            sample("--start", f"{run}@{which}", "-n", "2", "--steps", "4", "--json").summary for which in (":", "::-1")
        )
    )
    assert [made["formula"] for made in first] == ["CH4", "H2O", "CH4", "H2O"]
    assert [made["formula"] for made in second] == ["H2O", "CH4", "H2O", "CH4"]
    out = tmp_path / "more.xyz"
    summary = sample("--start", f"{run}@:", "--steps", "4", "--stochastic-lambda", "0", "--out", out, "--json").summary
    for before, after in zip(read_structures(run), read_structures(out), strict=True):
        assert np.abs(before.positions - after.positions).max() < 0.2
    command = shlex.split(summary["provenance"]["command"])
    assert f"--start={run}@:" in command
    assert sample(*command[4:], "--json").summary["structures"] == summary["structures"]


def test_a_cloud_of_many_points_is_named_by_its_file_in_the_command(sample: Command, tmp_path: Path) -> None:
    """Its JSON would be longer than a system lets a word be, and in every record of a file."""
    points = tmp_path / "points.csv"
    np.savetxt(points, np.random.default_rng(0).normal(size=(3000, 3)), delimiter=",")
    words = ("--formula", "CH4", "--points", points, "--spread", "0.2", "--steps", "8", "--json")
    summary = sample(*words).summary
    command = shlex.split(summary["provenance"]["command"])
    assert {f"--points={points}", "--spread=0.2"} < set(command)
    assert sum(map(len, command)) < 500
    assert sample(*command[4:], "--json").summary["structures"] == summary["structures"]


@pytest.mark.parametrize("sampler", ["adaptive-heun", "ancestral", "reverse-sde", "self-paced"])
def test_a_finished_molecule_is_where_every_sampler_can_start(sample: Command, tmp_path: Path, sampler: str) -> None:
    run = tmp_path / "run.sdf"
    assert sample("--formula", "CH4", "--steps", "30", "--out", run).code == 0
    made = sample("--start", run, "--sampler", sampler, "--steps", "8", "--json").summary["structures"]
    assert [structure["smiles"] for structure in made] == ["C"]


def test_a_shape_given_as_json_is_held_too(sample: Command) -> None:
    prior = json.dumps({"prior": "shape", "ratios": "rod", "sigma": 1.5})
    summary = sample("--formula", "CH4", "--prior", prior, "--hold", "--steps", "4", "--json").summary
    assert "hold" in summary["provenance"]["prior"]
    outcome = sample("--formula", "CH4", "--prior", "typical", "--hold")
    assert (outcome.code, "--hold keeps a --shape" in outcome.err) == (2, True)


@pytest.mark.parametrize(
    ("which", "formulas"),
    [
        ("", ["CH4"]),
        ("@1", ["H2O"]),
        ("@-1", ["H2"]),
        ("@-2", ["H2O"]),
        ("@1:", ["H2O", "H2"]),
        ("@::2", ["CH4", "H2"]),
    ],
)
def test_structures_to_start_from_are_chosen_as_ase_does(
    sample: Command, tmp_path: Path, which: str, formulas: list[str]
) -> None:
    atoms = ["C 0 0 0\nH 1 0.2 0\nH -1 0.7 0\nH 0 -0.7 1\nH 0 -0.5 -1", "O 0 0 0\nH 1 0 0\nH 0 1 0", "H 0 0 0\nH 1 0 0"]
    path = tmp_path / "three@home.xyz"  # an @ of the name is none that chooses
    path.write_text("".join(f"{lines.count(chr(10)) + 1}\n\n{lines}\n" for lines in atoms))
    made = sample("--start", f"{path}{which}", "--steps", "2", "--json").summary["structures"]
    assert [structure["formula"] for structure in made] == formulas


@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("@4", "chooses none of the structures"),
        ("@2:1", "chooses none of the structures"),
        ("@last", "after @ goes a number from 0, or -1 for the last"),
        ("@::0", "after @ goes a number"),
        ("@", "after @ goes a number"),
    ],
)
def test_a_choice_of_no_structure_is_refused(sample: Command, disturbed: Path, which: str, sentence: str) -> None:
    outcome = sample("--start", f"{disturbed}{which}")
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert sentence in line


def test_a_structure_given_as_a_prior_is_taken_as_it_says(sample: Command) -> None:
    """As the app writes it into the command that makes its molecules again."""
    prior = json.dumps(
        {"prior": "motif", "numbers": [8, 1, 1], "positions": [[0, 0, 0], [1, 0, 0], [0, 1.4, 0]], "sigma": 0.5}
    )
    summary = sample("--formula", "H2O", "--prior", prior, "--steps", "5", "--json").summary
    assert "sigma=0.5, own_sigma=0, " in summary["provenance"]["prior"]


def test_a_temperature_is_another_name_of_a_noise_level(sample: Command) -> None:
    hot, noisy = (
        sample("--formula", "CH4", "--steps", "5", *words, "--json").summary
        for words in (("--kT", "4.5"), ("--sigma", "1.5"))
    )
    assert hot["structures"] == noisy["structures"]
    assert hot["provenance"]["prior"] == noisy["provenance"]["prior"] == "isotropic(sigma=1.5)"


def test_without_files_the_molecules_are_printed(sample: Command) -> None:
    outcome = sample("--formula", "CH4", "--steps", "20")
    assert outcome.code == 0
    molecule, summary = outcome.out.splitlines()
    assert molecule == "0\tCH4\tC\tknown"
    assert summary.startswith("valid 1 of 1 (100.0 ± ")
    assert "20 network calls" in summary


def test_without_a_reference_novelty_is_not_claimed(sample: Command, trained: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes(trained.read_bytes())
    words = ("--formula", "CH2O", "--steps", "20", "--checkpoint", alone)
    summary = sample(*words, "--json").summary
    assert summary["valid"] == 1
    assert summary["novel"] is None
    assert "distinct 1, novel not known" in sample(*words).out
    assert summary["structures"][0]["novelty"] == "undetermined"
    assert sample("--from-data", "--checkpoint", alone).code == 2


def test_info_shows_the_card(gpff: Command, trained: Path) -> None:
    shown = gpff("info", "--checkpoint", "small")
    facts = json.loads(gpff("info", "--checkpoint", str(trained), "--json").out)
    assert facts["elements"] == [1, 6, 8]
    assert facts["network"] == "transformer"
    assert facts["parameters"] > 10_000
    assert "elements                         H C O" in shown.out
    assert facts["sha256"] in shown.out


def test_the_spacing_of_a_round_cloud_is_an_option_of_its_own(sample: Command) -> None:
    """Alone it goes with the width that is best for the steps; a width alone is a plain cloud of it."""
    said = {
        words: json.loads(sample("--formula", "CH4O", "--steps", "4", *words, "--json").out)["provenance"]["prior"]
        for words in [("--spacing=1.2",), ("--sigma=2",), ("--sigma=2", "--spacing=1.2"), ()]
    }
    assert list(said.values()) == [
        "isotropic(sigma=1.4, spacing=1.2)",
        "isotropic(sigma=2)",
        "isotropic(sigma=2, spacing=1.2)",
        "isotropic(sigma=1.4, spacing=1.5)",
    ]
