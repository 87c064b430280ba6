"""Files that strangers send: what they hold comes out as from the reader itself, and what they do goes no further."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path

import ase.build
import ase.db
import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.io.trajectory import Trajectory

from gpff_core.errors import GpffError
from gpff_core.formats import confined, confined_worker
from gpff_core.formats.reading import SUFFIXES, read_structures
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError
from gpff_core.formats.uploads import UploadLimits, frames_of_upload, structures_of_upload

FILES = Path(__file__).parents[2] / "data" / "files"
ROOT = Path(__file__).parents[3]
PYRIDINE = ase.build.molecule("C5H5N")


def moving(n_frames: int, forces: bool = True) -> list[Atoms]:
    """Pyridine that drifts by 0.1 Å a frame along x, with forces that say which frame it is."""
    frames = []
    for step in range(n_frames):
        atoms = PYRIDINE.copy()
        atoms.positions[:, 0] += 0.1 * step
        atoms.info["step"] = step
        if forces:
            atoms.calc = SinglePointCalculator(atoms, forces=np.full((len(atoms), 3), float(step)))
        frames.append(atoms)
    return frames


def as_xyz(frames: list[Atoms], format_: str = "extxyz") -> bytes:
    text = StringIO()
    ase.io.write(text, frames, format=format_)
    return text.getvalue().encode()


def as_trajectory(frames: list[Atoms], folder: Path) -> bytes:
    path = folder / "frames.traj"
    with Trajectory(path, "w") as trajectory:
        for atoms in frames:
            trajectory.write(atoms)
    return path.read_bytes()


def as_database(frames: list[Atoms], folder: Path) -> bytes:
    path = folder / "frames.db"
    with ase.db.connect(path) as database:
        for atoms in frames:
            database.write(atoms)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["urea.cif", "ligand.pdb"])
def test_an_upload_holds_what_the_reader_finds_in_the_file(name: str) -> None:
    expected = list(read_structures(FILES / name))
    found = structures_of_upload(name, (FILES / name).read_bytes())
    assert [one.composition for one in found] == [one.composition for one in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)


def test_databases_and_trajectories_are_uploads_too(tmp_path: Path) -> None:
    frames = moving(3)
    for name, data in (("a.db", as_database(frames, tmp_path)), ("a.traj", as_trajectory(frames, tmp_path))):
        found = structures_of_upload(name, data)
        np.testing.assert_allclose([one.positions for one in found], [a.positions for a in frames], atol=1e-6)


def test_whoever_is_told_of_missing_hydrogens_can_have_them_added() -> None:
    data = (FILES / "ligand_without_hydrogens.pdb").read_bytes()
    with pytest.raises(MissingHydrogensError, match=r"Structure 1 of lig\.PDB cannot be used: hydrogens are missing"):
        structures_of_upload("lig.PDB", data)
    (whole,) = structures_of_upload("lig.PDB", data, Hydrogens.ADDED)
    assert whole.composition.formula == "C7H6ClNO"


@pytest.mark.parametrize("suffix", [".xyz", ".traj"])
def test_frames_keep_order_places_forces_and_comments(suffix: str, tmp_path: Path) -> None:
    frames = moving(5)
    data = as_xyz(frames) if suffix == ".xyz" else as_trajectory(frames, tmp_path)
    found = frames_of_upload(f"run{suffix}", data)
    assert found.symbols == tuple(PYRIDINE.symbols)
    np.testing.assert_allclose(found.positions, [atoms.positions for atoms in frames], atol=1e-6)
    assert found.forces is not None
    np.testing.assert_allclose(found.forces[:, 0, 0], range(5), atol=1e-6)
    assert ["step=3" in comment for comment in found.comments] == [False, False, False, True, False]


def test_plain_xyz_has_words_and_no_forces() -> None:
    found = frames_of_upload("a.xyz", b"1\nfirst step\nHe 0 0 0\n1\nsecond\nHe 0 0 1\n")
    assert found.forces is None
    assert found.comments == ("first step", "second")


def test_a_periodic_trajectory_can_be_watched_though_it_is_no_molecule() -> None:
    crystal = PYRIDINE.copy()
    crystal.set_cell([9, 9, 9])
    crystal.pbc = True
    data = as_xyz([crystal, crystal])
    assert len(frames_of_upload("a.xyz", data)) == 2
    with pytest.raises(GpffError, match="periodic"):
        structures_of_upload("a.xyz", data)


def test_a_trajectory_whose_cell_and_atoms_are_written_with_every_frame_is_read(tmp_path: Path) -> None:
    """ASE repeats its header once something in it changes."""
    frames = moving(3, forces=False)
    frames[1].pbc = True
    assert len(frames_of_upload("a.traj", as_trajectory(frames, tmp_path))) == 3


OTHER = as_xyz([PYRIDINE, ase.build.molecule("C6H6")])
LONG = as_xyz(moving(30, forces=False))


@pytest.mark.parametrize(
    ("name", "data", "limits", "because"),
    [
        ("a.xyz", b"1" * 2_000_000, UploadLimits(n_bytes=10**6), r"a.xyz is 2.0 MB, and at most 1 MB are read"),
        ("a.xyz", LONG, UploadLimits(n_atoms=10), "Structure 1 of a.xyz has 11 atoms, and at most 10"),
        ("a.xyz", LONG, UploadLimits(n_structures=29), "a.xyz holds more than 29 structures"),
        ("a.xyz", b"999999999\n\nH 0 0 0\n" * 9000, UploadLimits(seconds=0.2), "a.xyz takes more than 0.2 s to read"),
        ("a.exe", b"", UploadLimits(), "a.exe does not end in a format .* choose one of .xyz, .*pdb"),
        ("a.xyz", b"1\n\nHe 1e9 0 0\n", UploadLimits(), "a coordinate is 1e[+]09 Å, and at most 100000"),
        ("a.cif", b"data_x\n", UploadLimits(), "a.cif contains no structures"),
        ("a.mol", b"", UploadLimits(), "a.mol contains no structures"),
        ("a.traj", b"- of UlmSomething else ", UploadLimits(), "a.traj could not be read"),
    ],
)
def test_what_is_beyond_a_limit_or_no_molecule_is_refused_in_one_sentence(
    name: str, data: bytes, limits: UploadLimits, because: str
) -> None:
    with pytest.raises(GpffError, match=because) as caught:
        structures_of_upload(name, data, limits=limits)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "limits", "because"),
    [
        (LONG, UploadLimits(n_frames=29), "a.xyz cannot be used: it has more than 29 frames"),
        (LONG, UploadLimits(n_atom_frames=300), "a.xyz cannot be used: it has more than 300 atoms in all"),
        (LONG, UploadLimits(n_atoms=10), "a.xyz has 11 atoms in a frame, and at most 10"),
        (OTHER, UploadLimits(), "a.xyz cannot be used: frame 2 has other atoms than the first"),
        (b"", UploadLimits(), "a.xyz cannot be used: it contains no frames"),
        (b"1\n\nHe 0 0", UploadLimits(), "a.xyz cannot be used: the line 'He 0 0' is no atom"),
    ],
)
def test_what_is_no_trajectory_is_refused_in_one_sentence(data: bytes, limits: UploadLimits, because: str) -> None:
    with pytest.raises(GpffError, match=because):
        frames_of_upload("a.xyz", data, limits)


def test_memory_beyond_the_limit_is_refused_and_not_taken(tmp_path: Path) -> None:
    """A trajectory that announces an array of 1.4 GB, in a header that is otherwise as it should be."""
    data = as_trajectory(moving(1, forces=False), tmp_path)
    offsets = int.from_bytes(data[40:48], "little")
    start = int.from_bytes(data[offsets : offsets + 8], "little")
    size = int.from_bytes(data[start : start + 8], "little")
    header = data[start + 8 : start + 8 + size]
    swollen = header.replace(b"[11, 3]", b"[60000000, 3]")
    assert swollen != header
    with pytest.raises(GpffError, match="Unable to allocate 1"):
        frames_of_upload("a.traj", data[:start] + len(swollen).to_bytes(8, "little") + swollen)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.xyz",
        "/etc/cron.d/job.xyz",
        "..\\..\\windows\\a.xyz",
        "a\0b.xyz",
        "a\nb\x1b[31m.xyz",
        "~/x.xyz",
    ],
)
def test_a_files_name_is_shown_without_folders_and_never_opened(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (found,) = structures_of_upload(name, b"1\n\nHe 0 0 0\n")
    assert found.composition.formula == "He"
    with pytest.raises(GpffError) as caught:
        structures_of_upload(name, b"1\n\nHe")
    assert not {"/", "\\", "\0", "\n", "\x1b"} & set(str(caught.value).split(" could not be read")[0])
    assert list(tmp_path.rglob("*")) == []


def test_a_name_of_a_thousand_letters_leaves_room_for_the_sentence() -> None:
    with pytest.raises(GpffError) as caught:
        structures_of_upload("x" * 1000 + ".xyz", b"1\n\nHe")
    assert len(str(caught.value)) < 300


class Bomb:
    """Unpickled, it would touch a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_nothing_is_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old trajectories were pickles, and NumPy's arrays of objects are."""
    touched = tmp_path / "touched"
    bomb = pickle.dumps(Bomb(touched))
    array = BytesIO()
    np.save(array, np.array([Bomb(touched)], dtype=object), allow_pickle=True)
    for suffix in SUFFIXES:
        for data in (bomb, b"PickleTrajectory" + bomb, array.getvalue()):
            with pytest.raises(GpffError):
                structures_of_upload(f"bomb{suffix}", data)
    assert not touched.exists()

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, forbidden)
    frozen = PYRIDINE.copy()
    frozen.set_constraint(FixAtoms([0]))
    for suffix, data in ((".db", as_database([frozen], tmp_path)), (".traj", as_trajectory([frozen], tmp_path))):
        request = {"task": "structures", "name": "a", "suffix": suffix, "hydrogens": "required"}
        answer = confined.unpacked(confined_worker.answer({**request, "n_atoms": 99, "n_structures": 9}, data))
        assert "error" not in answer


def test_the_reader_comes_back_after_it_was_killed() -> None:
    structures_of_upload("a.xyz", b"1\n\nHe 0 0 0\n")
    confined.WORKER.stop()
    assert len(structures_of_upload("a.xyz", b"1\n\nHe 0 0 0\n")) == 1


def test_many_at_once_get_their_own_answers() -> None:
    def read(n: int) -> int:
        return len(structures_of_upload("a.xyz", b"1\n\nHe 0 0 0\n" * n))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(1, 17))) == list(range(1, 17))


@pytest.mark.parametrize(
    ("code", "because"),
    [(-14, "more than 5 s"), (confined_worker.OUT_OF_MEMORY, "too much memory"), (-6, "memory"), (-11, "crashes")],
)
def test_a_child_that_was_killed_is_explained(code: int, because: str) -> None:
    assert because in confined_worker._end_of(code, {"name": "a.xyz", "seconds": 5.0})


def test_the_reader_is_small_because_it_needs_no_torch() -> None:
    code = "import sys; import gpff_core.formats.confined_worker; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_limits_are_checked() -> None:
    with pytest.raises(GpffError, match="above 0, and seconds is 0"):
        UploadLimits(seconds=0)
