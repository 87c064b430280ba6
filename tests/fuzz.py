"""Everything the program reads, damaged a few thousand times: `python -m tests.fuzz -n 3000`.

A reader may succeed or refuse in one sentence. It may not fail in another way, take more than 5 s, or take more than
1 GB. Uploads are parsed in the confined process, as in the app; the rest in this one. What a session or a link keeps
after the damage must be sound: it can be written again, and one sentence says what is missing.
"""

import argparse
import json
import logging
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import ase.build
import ase.db
import ase.io
import numpy as np
import trimesh
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io.trajectory import Trajectory
from rdkit import Chem
from rdkit.Chem import rdDistGeom
from streamlit.logger import set_log_level

from gpff_app import resources
from gpff_app.kept_values import PAGES
from gpff_app.run import Order, Run
from gpff_app.scaffold_order import ScaffoldOrder
from gpff_app.session_file import Opened, link_of, session_as_json, session_from_file, settings_from_link
from gpff_core.chemistry.building import composition_from_smiles, structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.scaffolds import ScaffoldSource
from gpff_core.errors import GpffError
from gpff_core.formats.meshes import points_inside
from gpff_core.formats.points import read_points
from gpff_core.formats.structures import Structure
from gpff_core.formats.uploads import frames_of_upload, structures_of_upload
from gpff_core.generation import judged
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT
from gpff_core.priors import Isotropic, Shape
from gpff_core.priors.serialisation import prior_from_json
from gpff_core.recipe import Recipe
from tests.mutations import json_mutants, mutants

FILES = Path(__file__).parent / "data" / "files"
SLOWEST = 5.0
"""Seconds; a file may take them in the confined process, which then is killed, and a moment to say so."""
LARGEST = 1_000_000
"""kB of this process."""


@dataclass(frozen=True)
class Target:
    """What reads, good examples to damage, and how."""

    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    mutants: Callable[[Sequence[bytes], int, int], Iterator[bytes]] = mutants


@dataclass
class Account:
    """What became of the mutants of one target."""

    n_read: int = 0
    n_refused: int = 0
    n_killed: int = 0
    """Of the refused, those that ran into the limits of time or memory, or crashed the confined process."""
    slowest: float = 0.0
    largest: int = 0
    """By how many kB the most memory this process ever had rose."""
    failures: tuple[str, ...] = ()


def fuzz(target: Target, n: int, seed: int) -> Account:
    """Damage and read n times, and keep account."""
    account = Account()
    before = _most_memory()
    for number, data in enumerate(target.mutants(target.seeds, n, seed)):
        began = time.monotonic()
        try:
            target.read(data)
            account.n_read += 1
        except GpffError as error:
            account.n_refused += 1
            account.n_killed += any(words in str(error) for words in ("s to read", "memory", "crashes"))
            if "\n" in str(error) or len(str(error)) > 1000:
                account.failures += (f"mutant {number}: no sentence: {str(error)[:200]!r}",)
        except Exception as error:  # what the hunt is for
            account.failures += (f"mutant {number}: {type(error).__name__}: {str(error)[:200]}",)
        took = time.monotonic() - began
        account.slowest = max(account.slowest, took)
        if took > SLOWEST + 1:
            account.failures += (f"mutant {number}: {took:.1f} s",)
    account.largest = _most_memory() - before
    if account.largest > LARGEST:
        account.failures += (f"{account.largest / 1e6:.2f} GB of memory",)
    return account


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def targets() -> dict[str, Target]:
    """By the name of a format."""
    with tempfile.TemporaryDirectory() as folder:
        files = {**_structure_files(Path(folder)), **_frame_files(Path(folder))}
    return {**files, **_drawings(), **_texts(), **_sessions()}


def _upload(suffix: str) -> Callable[[bytes], object]:
    return lambda data: structures_of_upload(f"file{suffix}", data)


def _structure_files(folder: Path) -> dict[str, Target]:
    molecules = [ase.build.molecule(name) for name in ("CH3CH2OH", "C5H5N", "H2O")]
    records = [_record(smiles) for smiles in ("OCC1CC1=O", "c1ccncc1", "C[N+](=O)[O-]")]
    blocks = [Chem.MolToMolBlock(record, forceV3000=v3000).encode() for record in records for v3000 in (False, True)]
    database = folder / "seed.db"
    with ase.db.connect(database) as rows:
        for atoms in molecules:
            rows.write(atoms)
    seeds = {
        ".xyz": [_xyz(molecules, "xyz"), _xyz(molecules, "extxyz")],
        ".sdf": [b"\n$$$$\n".join(blocks) + b"\n$$$$\n", blocks[0] + b"\n> <name>\nvalue\n\n$$$$\n"],
        ".mol": blocks,
        ".pdb": [path.read_bytes() for path in sorted(FILES.glob("*.pdb"))],
        ".cif": [path.read_bytes() for path in sorted(FILES.glob("*.cif"))],
        ".db": [database.read_bytes()],
    }
    return {suffix: Target(_upload(suffix), found) for suffix, found in seeds.items()}


def _frame_files(folder: Path) -> dict[str, Target]:
    frames = []
    for step in range(4):
        atoms = ase.build.molecule("C5H5N")
        atoms.calc = SinglePointCalculator(atoms, forces=np.full((len(atoms), 3), float(step)))
        frames.append(atoms)
    path = folder / "seed.traj"
    with Trajectory(path, "w") as trajectory:
        for atoms in frames:
            trajectory.write(atoms)
    return {
        "frames.extxyz": Target(lambda data: frames_of_upload("file.extxyz", data), [_xyz(frames, "extxyz")]),
        "frames.traj": Target(lambda data: frames_of_upload("file.traj", data), [path.read_bytes()]),
    }


def _drawings() -> dict[str, Target]:
    """Meshes and points, which are read from a path of the program's own choice."""
    ball = trimesh.creation.icosphere(subdivisions=1)
    meshes = {f".{kind}": [_exported(ball, kind)] for kind in ("stl", "ply", "obj", "stl_ascii")}
    meshes[".stl"] += meshes.pop(".stl_ascii")
    clouds = {
        ".npy": [_npy(np.random.default_rng(0).normal(size=(20, 3)))],
        ".csv": [b"x,y,z\n" + b"1.5,2.5,-3.5\n" * 20, b"0 1 2\n3;4;5\n"],
    }
    filled = {kind: Target(_from_path(kind, lambda path: points_inside(path, 100, 0)), s) for kind, s in meshes.items()}
    return {**filled, **{kind: Target(_from_path(kind, read_points), seeds) for kind, seeds in clouds.items()}}


def _texts() -> dict[str, Target]:
    source = ScaffoldSource(*structure_from_smiles("CC(=O)Oc1ccccc1C(=O)O"))
    priors = [
        b'{"prior": "shape", "ratios": [0.85, 0.13, 0.02], "sigma": 1.5, "hold": true}',
        b'{"prior": "typical"}',
        b'{"prior": "isotropic", "sigma": 2}',
        b'{"prior": "point-cloud", "points": [[0, 0, 1], [0, 1, 0]], "sigma": 0.5}',
    ]
    smiles = [b"CC(=O)Oc1ccccc1C(=O)O", b"C[C@H](N)C(=O)O", b"C1CC2CC1CC2", b"[nH]1cccc1", b"C[N+](=O)[O-]"]
    patterns = [b"c1ccccc1", b"[#6]~[#8;D1]", b"[$([CX3](=O)[OX2H1])]", b"0,1,4-7", b"*~*~*"]
    return {
        "formula": Target(_text(parse_formula), [b"C7H10O2", b"(CH3)2CHOH", b"C6H5NO2"]),
        "SMILES": Target(_text(composition_from_smiles), smiles),
        "SMILES in 3D": Target(_text(structure_from_smiles), smiles),
        "SMARTS": Target(_text(source.select), patterns),
        "prior.json": Target(_text(prior_from_json), priors),
    }


def _sessions() -> dict[str, Target]:
    """Session files and links, with settings, documents and molecules of the shipped network."""
    set_log_level(logging.ERROR)  # it warns of every look into a cache without a browser
    settings = json.loads((FILES / "kept.json").read_text(encoding="utf-8"))
    benzene = Structure(*structure_from_smiles("c1ccccc1"))
    scaffold = ScaffoldOrder(benzene, (0, 1, 2, 3, 4, 5), parse_formula("CH8"), attachment=0)
    recipes = (Recipe("heun", 4, Shape((0.5, 0.4, 0.1), 1.8), {"churn": 2.0}, 3), Recipe(steps=3, prior=Isotropic(0.8)))
    runs = {
        "generate": _run(Order(parse_formula("C2H6O"), 2, recipes[0], DEFAULT_CHECKPOINT), "CCO"),
        "scaffold_editor": _run(Order(scaffold.whole(), 1, recipes[1], DEFAULT_CHECKPOINT, scaffold), "Cc1ccccc1"),
    }
    sessions = [session_as_json(settings, runs).encode(), session_as_json({}, runs).encode()]
    pages = [json.dumps({key: value for key, value in settings.items() if f" {page} " in key}) for page in PAGES]
    links = [(link_of(text) or "").removeprefix("settings=").encode() for text in pages]
    return {
        "session": Target(_session, sessions),
        "session's values": Target(_session, sessions, json_mutants),
        "link": Target(_text(_link), links),
        "link's values": Target(_unfolded_link, [text.encode() for text in pages], json_mutants),
    }


def _run(order: Order, smiles: str) -> Run:
    """A run that has ended in so many copies of a molecule."""
    run = Run(order, resources.checkpoint(order.checkpoint), None)
    composition, positions = structure_from_smiles(smiles)
    run.restore([judged(place, composition, positions, 4, None, None) for place in range(order.n_molecules)])
    return run


def _session(data: bytes) -> None:
    _again(session_from_file(data))


def _link(packed: str) -> None:
    _again(settings_from_link(packed))


def _unfolded_link(settings: bytes) -> None:
    link = link_of(settings.decode())
    if link is not None:
        _link(link.removeprefix("settings="))


def _again(opened: Opened) -> None:
    """What was opened can be written and opened once more, and nothing is missing then; GpffError if it is now."""
    written = session_as_json(opened.settings, opened.runs).encode("utf-8")
    assert not session_from_file(written).left_out
    if opened.left_out:
        raise GpffError(opened.left_out)


def _record(smiles: str) -> Chem.Mol:
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    rdDistGeom.EmbedMolecule(molecule, randomSeed=1)
    return molecule


def _xyz(frames: list[Atoms], format_: str) -> bytes:
    text = StringIO()
    ase.io.write(text, frames, format=format_)
    return text.getvalue().encode()


def _exported(mesh: trimesh.Trimesh, kind: str) -> bytes:
    data = mesh.export(file_type=kind)
    return data.encode() if isinstance(data, str) else data


def _npy(array: np.ndarray) -> bytes:
    with tempfile.TemporaryFile() as file:
        np.save(file, array)
        file.seek(0)
        return file.read()


def _from_path(suffix: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    def read_bytes(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(data)
            return read(path)

    return read_bytes


def _text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", errors="replace"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-n", type=int, default=3000, help="mutants of each format (default: %(default)s)")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", metavar="FORMAT", help="one format, for example .cif")
    args = options.parse_args()
    print("| format | mutants | read | refused | of those killed | slowest | memory | failures |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    failed = False
    for name, target in targets().items():
        if args.only in (None, name):
            a = fuzz(target, args.n, args.seed)
            failed |= bool(a.failures)
            print(
                f"| {name} | {args.n} | {a.n_read} | {a.n_refused} | {a.n_killed} | {a.slowest:.1f} s "
                f"| {a.largest / 1000:.0f} MB | {len(a.failures)} |",
                *a.failures[:5],
                sep="\n    ",
                flush=True,
            )
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
