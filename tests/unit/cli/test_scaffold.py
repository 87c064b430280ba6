"""`sample --scaffold`: files in, molecules around the frozen atoms out; the real network where it matters."""

import json
from pathlib import Path

import ase.build
import ase.io
import numpy as np
import pytest
from rdkit import Chem

from gpff_core.samplers import SAMPLERS
from tests.unit.cli.conftest import Command

SHIPPED = Path(__file__).parents[3] / "checkpoints" / "qm9.safetensors"


@pytest.fixture
def benzene(tmp_path: Path) -> Path:
    """Benzene of the G2 set, its carbons first, somewhere away from the origin."""
    atoms = ase.build.molecule("C6H6")
    atoms.positions += (3.0, -2.0, 1.0)
    path = tmp_path / "benzene.xyz"
    ase.io.write(path, atoms)
    return path


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_frozen_atoms_come_first_and_out_bit_for_bit_with_every_sampler(
    gpff: Command, benzene: Path, tmp_path: Path, sampler: str
) -> None:
    out = tmp_path / "grown.extxyz"
    words = ("--scaffold", benzene, "--freeze", "c1ccccc1", "--add", "OH6", "--sampler", sampler, "--steps", "4")
    outcome = gpff("sample", *words, "-n", "3", "--checkpoint", "small", "--out", out)
    assert outcome.code == 0, outcome.err
    given = ase.io.read(benzene).positions[:6].astype(np.float32)
    for atoms in ase.io.read(out, ":"):
        assert atoms.get_chemical_formula() == "C6H6O"
        assert atoms.numbers[:6].tolist() == [6] * 6
        assert np.array_equal(np.round(atoms.positions[:6], 8), np.round(given.astype(np.float64), 8))
        assert atoms.info["frozen_atoms"].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_shipped_network_grows_substituents_on_a_frozen_ring(gpff: Command, benzene: Path, tmp_path: Path) -> None:
    out = tmp_path / "toluene.sdf"
    words = ("--scaffold", benzene, "--freeze", "0-5", "--add", "C", "--hydrogens", "saturate", "-n", "8", "--json")
    outcome = gpff("sample", *words, "--checkpoint", SHIPPED, "--out", out)
    assert outcome.code == 0, outcome.err
    summary = json.loads(outcome.out)
    assert summary["scaffold_kept"] >= 3
    kept = [s["smiles"] for s in summary["structures"] if s["scaffold"] == "kept"]
    assert "Cc1ccccc1" in kept
    given = ase.io.read(benzene).positions[:6]
    for molecule in Chem.SDMolSupplier(str(out), removeHs=False):
        assert np.abs(molecule.GetConformer().GetPositions()[:6] - given).max() < 1e-4


def test_springs_hold_less_than_frozen(gpff: Command, benzene: Path, tmp_path: Path) -> None:
    given = ase.io.read(benzene).positions[:6]
    moved = []
    for stiffness in ("0.2", "50"):
        out = tmp_path / f"{stiffness}.extxyz"
        words = ("--scaffold", benzene, "--freeze", "0-5", "--add", "OH6", "--stiffness", stiffness, "--steps", "5")
        assert gpff("sample", *words, "--checkpoint", "small", "--out", out).code == 0
        atoms = ase.io.read(out)
        moved.append(np.abs(atoms.positions[:6] - given).max())
        assert "frozen_atoms" not in atoms.info
    assert 0 < moved[1] < 0.3 * moved[0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--freeze 0-5 --add C", "--freeze belongs to a scaffold"),
        ("--scaffold FILE --add C", "--scaffold needs the atoms that stay"),
        ("--scaffold FILE --freeze 0-5", "either one --formula, of the whole molecule, or --add"),
        ("--scaffold FILE --freeze 0-5 --add C --formula C7H8", "either one --formula"),
        ("--scaffold FILE --freeze 0-5 --formula C7H8 --hydrogens 3", "--hydrogens belongs to --add"),
        ("--scaffold FILE --freeze 0-5 --add C --hydrogens many", "give a number up to 200, or saturate"),
        ("--scaffold FILE --freeze 0-5 --add C --hydrogens 99999999999", "give a number up to 200, or saturate"),
        ("--scaffold FILE --freeze 0-5 --add C --hydrogens 200", "are 207 atoms, and at most 200 are allowed"),
        ("--scaffold FILE --freeze 0-5 --formula C3H8", "has more C than C3H8"),
        ("--scaffold FILE --freeze 0-99 --add C", "counted from 0 to 11"),
        ("--scaffold FILE --freeze 0-5 --add C --attach 9", "not among the frozen atoms"),
        ("--scaffold FILE --freeze 0-5 --add C --stiffness -1", "stiffness is -1.0"),
        ("--scaffold FILE --freeze 0-5 --add Cl", "Cl cannot be generated"),
        ("--scaffold nowhere.xyz --freeze 0 --add C", "is not a file"),
        ("--scaffold FILE --freeze 0-5 --add C --smiles CCO", "leave out the other sources"),
    ],
)
def test_bad_scaffolds_are_one_sentence(gpff: Command, benzene: Path, words: str, sentence: str) -> None:
    outcome = gpff("sample", *words.replace("FILE", str(benzene)).split(), "--checkpoint", "small")
    assert outcome.code == 2
    assert sentence in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1


def test_a_wrong_number_of_hydrogens_is_told_what_would_do(gpff: Command, benzene: Path) -> None:
    words = ("--scaffold", benzene, "--freeze", "0-5", "--add", "CH12", "--steps", "1", "--checkpoint", "small")
    outcome = gpff("sample", *words)
    assert outcome.code == 0
    assert "CH12 brings 12 hydrogens to the scaffold; 8 make a neutral molecule" in outcome.err
    assert "--hydrogens" not in outcome.err


def test_hydrogens_that_were_forgotten_are_offered(gpff: Command, benzene: Path) -> None:
    words = ("--scaffold", benzene, "--freeze", "0-5", "--steps", "1", "--checkpoint", "small", "--add")
    bare = gpff("sample", *words, "C").err
    assert "C brings 0 hydrogens to the scaffold; 8 make a neutral molecule" in bare
    assert "With --hydrogens saturate they are added." in bare
    assert gpff("sample", *words, "CH8").err == ""
    assert gpff("sample", *words, "C", "--hydrogens", "saturate").err == ""
    assert "--hydrogens saturate" not in gpff("sample", *words[:-1], "--formula", "C7").err


def test_a_cloud_with_a_place_of_its_own_is_not_moved_to_an_atom(gpff: Command, benzene: Path) -> None:
    words = ("--scaffold", benzene, "--freeze", "0-5", "--add", "CH8", "--attach", "0", "--steps", "1")
    outcome = gpff("sample", *words, "--points", benzene, "--checkpoint", "small")
    assert outcome.code == 2
    assert "--attach says where a cloud goes that has no place of its own" in outcome.err
    assert gpff("sample", *words, "--prior", "typical", "--checkpoint", "small").code == 0


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("--prior typical", "typical"),
        ("--shape rod --hold", "shape"),
        ("--shape 0.6,0.3,0.1 --sigma 2", "shape"),
        ("--like FILE", "covariance"),
        ("--start FILE --sigma 0.5", "motif"),
        ('--prior {"prior":"blobs","blobs":[[1,0,0,0,1]]}', "blobs"),
    ],
)
def test_every_prior_is_said_in_the_file_and_made_again_by_its_command(
    gpff: Command, benzene: Path, tmp_path: Path, words: str, kind: str
) -> None:
    import shlex

    first, again = tmp_path / "first.extxyz", tmp_path / "again.extxyz"
    given = words.replace("FILE", str(benzene)).split()
    common = ("--checkpoint", "small", "--out")
    outcome = gpff("sample", "--formula", "C2H6O", *given, "--steps", "3", *common, first)
    assert outcome.code == 0, outcome.err
    info = ase.io.read(first).info
    assert info["prior"].startswith(kind)
    command = shlex.split(info["command"].replace("\\\\", "\\"))[3:]
    assert gpff(*command, "--out", again).code == 0
    assert np.array_equal(ase.io.read(first).positions, ase.io.read(again).positions)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--prior shape", "--prior shape needs its numbers"),
        ("--shape cube", "cannot be read; give rod, disc, ball"),
        ("--hold", "--hold keeps a --shape"),
        ("--spread 1", "--spread belongs to"),
        ("--prior typical --sigma 2", "--sigma does not apply"),
        ("--shape rod --covariance 1,1,1", "both name a prior"),
        ("--prior no-such-file", "cannot be read as a file of a prior"),
        ("--points nowhere.xyz", "nowhere.xyz"),
        ("--prior {}", "does not name its prior"),
    ],
)
def test_bad_priors_are_one_sentence(gpff: Command, words: str, sentence: str) -> None:
    outcome = gpff("sample", "--formula", "CH4", *words.split(), "--checkpoint", "small")
    assert outcome.code == 2
    assert sentence in outcome.err


def test_info_lists_every_sampler_and_prior(gpff: Command) -> None:
    listed = json.loads(gpff("info", "samplers", "--json").out)
    assert set(listed) == set(SAMPLERS)
    assert all(entry["summary"] and entry["source"] and entry["calls_per_step"] for entry in listed.values())
    text = gpff("info", "priors").out
    assert all(name in text for name in ("typical", "shape", "motif", "point-cloud", "blobs", "curve"))
