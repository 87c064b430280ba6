"""The promises the repository itself makes to a newcomer and to somebody who downloads weights."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors

ROOT = Path(__file__).parents[2]


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip(f"not a git checkout: {listing.stderr.strip()}")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def readable(path: Path) -> str:
    """The text of a file, or nothing where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    loose = [line for line in lines if line and not line.startswith("-r ") and not re.search(r"^[\w.-]+==[\d.]+", line)]
    assert not loose


def test_served_3dmol_is_the_version_py3dmol_exports() -> None:
    """The live viewer and the exported HTML must draw a molecule alike."""
    assert (ROOT / "static" / "3Dmol.version").read_text().strip() == version("py3Dmol")


def test_checkpoints_cannot_carry_code() -> None:
    allowed = {".safetensors", ".json", ".npz", ".toml", ".md"}
    assert not [path for path in tracked_files() if path.parent.name == "checkpoints" and path.suffix not in allowed]


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    home = re.compile(r"(?<![\w.])/(?:home|Users|root|work|opt|tmp)/\w")
    minified = {".js"}
    assert not [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix not in minified and path != Path(__file__)
        for number, line in enumerate(readable(path).splitlines(), 1)
        if home.search(line)
    ]


def test_training_path_needs_no_chemistry_libraries() -> None:
    """A bare accelerator has torch and little else; an import slipped in anywhere below would end training there."""
    blocked = ("ase", "rdkit", "schnetpack", "streamlit", "plotly", "py3Dmol")
    modules = ("gpff_core.learning.train", "gpff_core.networks.transformer", "gpff_core.networks.checkpoint")
    code = f"import sys; sys.modules.update(dict.fromkeys({blocked!r})); import {', '.join(modules)}"
    outcome = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr


def test_the_readmes_library_example_makes_molecules(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    with rdBase.BlockLogs():
        smiles = [line for line in lines if Chem.MolFromSmiles(line) is not None]
    assert len(lines) == 16
    assert {rdMolDescriptors.CalcMolFormula(Chem.MolFromSmiles(line)) for line in smiles} == {"C7H10O2"}
    assert len(smiles) >= 8


def test_the_first_page_loads_no_other() -> None:
    """What surrounds every page knows them all, and films, editors and what they need take most of a second."""
    loaded = "import sys, gpff_app.shell; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    others = {f"gpff_app.{page}" for page in ("scaffold_editor", "real_time", "trajectories", "noise_lab")}
    assert not (others | {"matplotlib", "streamlit_ketcher"}) & set(modules.stdout.split())
