"""What is written must be read back by the programs people use: RDKit, ASE, and Python's csv for spreadsheets."""

import csv
import dataclasses
import io
import json
import zipfile
from pathlib import Path

import ase.build
import ase.db
import ase.io
import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from gpff_core.errors import GpffError
from gpff_core.formats.extended_xyz import TrajectoryFrame, write_trajectory
from gpff_core.formats.provenance import InputFile, Provenance
from gpff_core.formats.reading import read_structures
from gpff_core.formats.records import Record, records_of
from gpff_core.formats.writing import FORMATS, records_as_bytes, samples_as_text, write_samples
from gpff_core.molecules import Composition
from tests.unit.formats.examples import AWKWARD_PROVENANCE, examples

ONE_LINE_COMMAND = "=gpff sample --out 'a b' $$$$ > <smiles>"


def test_sdf_holds_valid_molecules_with_bonds_for_rdkit(tmp_path: Path) -> None:
    path = tmp_path / "molecules.sdf"
    report = write_samples(path, examples(), AWKWARD_PROVENANCE)
    assert (report.n_written, report.n_left_out) == (3, 1)
    molecules = list(Chem.SDMolSupplier(str(path), removeHs=False))
    assert [molecule.GetIntProp("index") for molecule in molecules] == [0, 2, 5]
    for molecule, sample in zip(molecules, [s for s in examples() if s.verdict.valid], strict=True):
        assert Chem.MolToSmiles(Chem.RemoveHs(molecule)) == sample.verdict.smiles == molecule.GetProp("smiles")
        assert [atom.GetAtomicNum() for atom in molecule.GetAtoms()] == list(sample.composition.numbers)
        np.testing.assert_allclose(molecule.GetConformer().GetPositions(), sample.positions, atol=0.51e-4)
        assert molecule.GetConformer().Is3D()
        assert molecule.GetProp("formula") == sample.composition.formula
        assert molecule.GetProp("novelty") == sample.novelty
        assert molecule.GetProp("sampler") == AWKWARD_PROVENANCE.sampler
        assert molecule.GetProp("frozen_atoms") == "0 3"
        assert molecule.GetProp("command") == ONE_LINE_COMMAND


def test_xyz_holds_every_structure_for_ase(tmp_path: Path) -> None:
    path = tmp_path / "molecules.xyz"
    report = write_samples(path, examples(), AWKWARD_PROVENANCE)
    assert (report.n_written, report.n_left_out) == (4, 0)
    for reader in ("xyz", "extxyz"):
        frames = ase.io.read(path, index=":", format=reader)
        for frame, sample in zip(frames, examples(), strict=True):
            assert tuple(frame.numbers) == sample.composition.numbers
            np.testing.assert_allclose(frame.positions, sample.positions, atol=1e-7)


def test_xyz_comments_give_verdict_and_provenance() -> None:
    lines = samples_as_text(".xyz", examples(), AWKWARD_PROVENANCE).splitlines()
    comments = [lines[place + 1] for place, line in enumerate(lines) if line.strip().isdigit()]
    assert len(comments) == 4
    assert "C5H5N index 0 | valid c1ccncc1 | known | 60 network calls" in comments[0]
    assert "C2H6O index 1 | not valid: falls into" in comments[1]
    stored = json.loads(comments[0].split(" | ")[-1])
    assert Provenance(**{**stored, "frozen_atoms": tuple(stored["frozen_atoms"])}) == AWKWARD_PROVENANCE


def test_extended_xyz_gives_ase_every_structure_with_its_verdict(tmp_path: Path) -> None:
    path = tmp_path / "molecules.extxyz"
    write_samples(path, examples(), AWKWARD_PROVENANCE)
    for frame, sample in zip(ase.io.read(path, index=":"), examples(), strict=True):
        assert tuple(frame.numbers) == sample.composition.numbers
        np.testing.assert_allclose(frame.positions, sample.positions, atol=1e-7)
        assert not frame.pbc.any()
        assert frame.info["valid"] == sample.verdict.valid
        assert frame.info.get("smiles", "") == sample.verdict.smiles
        assert frame.info.get("reason", "") == sample.verdict.reason
        assert frame.info["novelty"] == sample.novelty
        assert frame.info["sampler"] == AWKWARD_PROVENANCE.sampler
        assert frame.info["command"] == ONE_LINE_COMMAND


def test_csv_has_a_row_for_each_structure() -> None:
    rows = list(csv.DictReader(io.StringIO(samples_as_text(".csv", examples(), AWKWARD_PROVENANCE))))
    assert [row["index"] for row in rows] == ["0", "1", "2", "5"]
    assert [row["smiles"] for row in rows] == ["c1ccncc1", "", "CC(N)=O", "C#C"]
    assert [row["valid"] for row in rows] == ["True", "False", "True", "True"]
    assert rows[1]["reason"].startswith("falls into")
    assert rows[0]["sampler"] == AWKWARD_PROVENANCE.sampler
    assert rows[0]["n_evaluations"] == "60"


@pytest.mark.parametrize("dangerous", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_is_run_by_a_spreadsheet(dangerous: str) -> None:
    provenance = dataclasses.replace(AWKWARD_PROVENANCE, checkpoint=dangerous)
    row = next(csv.DictReader(io.StringIO(samples_as_text(".csv", examples(), provenance))))
    assert row["checkpoint"] == f"'{dangerous}"
    assert row["command"] == f"'{ONE_LINE_COMMAND}"


def noted(note: str) -> list[Record]:
    """The examples with what a library knows about them; the first has a note."""
    records = [Record(sample, AWKWARD_PROVENANCE, {"qed": 0.25 + k}) for k, sample in enumerate(examples())]
    other = dataclasses.replace(AWKWARD_PROVENANCE, seed=8)
    return [Record(examples()[0], other, {"qed": 0.25, "note": note}), *records[1:]]


@pytest.mark.parametrize("note", ["$$$$", "> <smiles>", "M  END", "two\nlines\n\n$$$$\n", "0 1", '"quoted" \\ =1'])
def test_a_note_of_any_text_stays_a_note(note: str, tmp_path: Path) -> None:
    (tmp_path / "a.sdf").write_bytes(records_as_bytes(".sdf", noted(note)))
    molecules = list(Chem.SDMolSupplier(str(tmp_path / "a.sdf"), removeHs=False))
    assert [molecule.GetProp("smiles") for molecule in molecules] == ["c1ccncc1", "CC(N)=O", "C#C"]
    assert molecules[0].GetProp("note").strip() == " ".join(note.split())
    assert [molecule.GetDoubleProp("qed") for molecule in molecules] == [0.25, 2.25, 3.25]
    (tmp_path / "a.extxyz").write_bytes(records_as_bytes(".extxyz", noted(note)))
    frames = ase.io.read(tmp_path / "a.extxyz", index=":")
    assert [frame.info["qed"] for frame in frames] == [0.25, 1.25, 2.25, 3.25]
    assert [frame.info["seed"] for frame in frames] == [8, 7, 7, 7]


def test_ase_databases_are_searched_and_give_exact_positions(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(records_as_bytes(".db", noted("7")))
    with ase.db.connect(tmp_path / "a.db") as database:
        rows = list(database.select())
        assert [row.smiles for row in database.select("qed<3,valid=True")] == ["c1ccncc1", "CC(N)=O"]
    for row, record in zip(rows, noted("7"), strict=True):
        assert np.array_equal(row.toatoms().positions, record.sample.positions.astype(float))
        assert row.data["command"] == ONE_LINE_COMMAND
    assert rows[0].data["note"] == "7"
    assert [list(read.composition.numbers) for read in read_structures(tmp_path / "a.db")] == [
        list(record.sample.composition.numbers) for record in noted("7")
    ]


def test_parquet_gives_a_data_frame_with_exact_positions() -> None:
    frame = pd.read_parquet(io.BytesIO(records_as_bytes(".parquet", noted("=1"))))
    assert list(frame["note"].fillna("")) == ["=1", "", "", ""]
    assert list(frame["qed"]) == [0.25, 1.25, 2.25, 3.25]
    for positions, sample in zip(frame["positions"], examples(), strict=True):
        assert np.array_equal(np.stack(positions), sample.positions)


def test_a_zip_holds_every_structure_and_each_provenance_once() -> None:
    with zipfile.ZipFile(io.BytesIO(records_as_bytes(".zip", noted("x")))) as archive:
        assert archive.testzip() is None
        assert archive.read("molecules.sdf").count(b"$$$$\n") == 3
        assert len(list(csv.DictReader(io.StringIO(archive.read("table.csv").decode())))) == 4
        assert [run["seed"] for run in json.loads(archive.read("provenance.json"))] == [8, 7]
        text = archive.read("README.txt").decode()
        assert all(name in text for name in archive.namelist() if name != "README.txt")


def test_a_zip_holds_the_scaffolds_of_its_runs_apart_and_inside() -> None:
    given = (("a.xyz", "1"), ("a.xyz", "2"), ("../../Table.csv", "3"), ("a.xyz", "1"))
    files = [*(InputFile(name, text) for name, text in given), None]
    runs = [dataclasses.replace(AWKWARD_PROVENANCE, seed=k, scaffold_file=file) for k, file in enumerate(files)]
    records = [Record(examples()[0], run) for run in runs]
    with zipfile.ZipFile(io.BytesIO(records_as_bytes(".zip", records))) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist()) == 8
        made = json.loads(archive.read("provenance.json"))
        assert [archive.read(run["scaffold_file"]) for run in made[:-1]] == [b"1", b"2", b"3", b"1"]
        assert "scaffold_file" not in made[-1]
        assert not any(".." in name for name in archive.namelist())
        text = archive.read("README.txt").decode()
        assert all(name in text for name in archive.namelist() if name != "README.txt")
    with zipfile.ZipFile(io.BytesIO(records_as_bytes(".zip", noted("x")))) as archive:
        assert "--scaffold" not in archive.read("README.txt").decode()


def test_a_table_of_nothing_has_its_columns() -> None:
    header = records_as_bytes(".csv", []).decode()
    assert header.startswith("index,formula,valid")
    assert header == records_as_bytes(".csv", records_of(examples(), AWKWARD_PROVENANCE)).decode().split("\n")[0] + "\n"


@pytest.mark.parametrize("suffix", [".sdf", ".xyz", ".extxyz", ".csv"])
def test_a_file_and_a_download_are_the_same(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"samples{suffix.upper()}"
    write_samples(path, examples(), AWKWARD_PROVENANCE)
    assert path.read_bytes().decode() == samples_as_text(suffix, examples(), AWKWARD_PROVENANCE)


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_finished_is_written_as_an_empty_file(suffix: str, tmp_path: Path) -> None:
    report = write_samples(tmp_path / f"none{suffix}", [], AWKWARD_PROVENANCE)
    assert (report.n_written, report.n_left_out) == (0, 0)
    assert report.path.exists()


@pytest.mark.parametrize("name", ["molecules.mol2", "molecules", "sdf"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(GpffError, match=r"choose one of \.sdf, \.xyz, .*, \.csv, .*\.zip\.$"):
        write_samples(tmp_path / name, examples(), AWKWARD_PROVENANCE)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_place_that_cannot_be_written_to_is_refused(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(GpffError, match="could not be written"):
        write_samples(tmp_path / "no such folder" / f"samples{suffix}", examples(), AWKWARD_PROVENANCE)


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "samples.xyz"
    path.write_text("precious")
    broken = dataclasses.replace(examples()[0], positions=np.zeros((3, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="zip"):
        write_samples(path, [*examples(), broken], AWKWARD_PROVENANCE)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_trajectories_give_ase_their_forces_one_sample_after_another(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    compositions = {4: Composition((8, 1, 1)), 1: Composition((6, 1, 1, 1, 1))}
    frames = [
        TrajectoryFrame(
            sample=index,
            step=step,
            composition=composition,
            positions=rng.normal(size=(len(composition), 3)).astype(np.float32),
            forces=rng.normal(size=(len(composition), 3)).astype(np.float32),
            sigma=3.0 / (1 + step),
            n_evaluations=step + 1,
        )
        for step in range(3)
        for index, composition in compositions.items()
    ]
    path = tmp_path / "trajectory.extxyz"
    write_trajectory(path, iter(frames), AWKWARD_PROVENANCE)
    read = ase.io.read(path, index=":")
    assert [(atoms.info["index"], atoms.info["step"]) for atoms in read] == [
        (1, 0), (1, 1), (1, 2), (4, 0), (4, 1), (4, 2),
    ]  # fmt: skip
    for atoms, frame in zip(read, sorted(frames, key=lambda frame: (frame.sample, frame.step)), strict=True):
        np.testing.assert_allclose(atoms.get_forces(), frame.forces, atol=1e-7)
        np.testing.assert_allclose(atoms.positions, frame.positions, atol=1e-7)
        assert atoms.info["sigma"] == frame.sigma
        assert "angstrom" in atoms.info["forces_are"]
        assert atoms.info["seed"] == 7


def test_a_provenance_is_json_and_flat() -> None:
    stored = json.loads(AWKWARD_PROVENANCE.as_json())
    assert stored["command"] == AWKWARD_PROVENANCE.command
    assert stored["frozen_atoms"] == [0, 3]
    assert all("\n" not in str(value) for value in AWKWARD_PROVENANCE.as_dict().values())
    assert AWKWARD_PROVENANCE.as_dict()["seed"] == 7
