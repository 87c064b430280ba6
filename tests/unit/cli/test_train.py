"""`train` as it is used: on files of every kind, killed and resumed, down to a checkpoint that samples."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ase.db
import ase.io
import numpy as np
import pytest
from ase import Atoms
from rdkit import Chem
from rdkit.Chem import AllChem
from safetensors.torch import load_file

from gpff_core.learning.train import TrainingRun
from tests.unit.cli.conftest import Command
from tests.unit.small_data import FORMULAS, structure

SETTINGS = """
batch_size = 8
log_every_steps = 2
save_every_minutes = 0.0
[network_config]
n_features = 16
n_vectors = 8
n_heads = 2
n_layers = 1
n_pair = 8
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Thirty structures as extended XYZ."""
    molecules = [structure(formula) for formula in FORMULAS for _ in range(10)]
    path = tmp_path / "data.extxyz"
    ase.io.write(path, [Atoms(numbers=c.numbers, positions=x) for c, x in molecules])
    return path


def state(folder: Path) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in load_file(folder / "state.safetensors").items()}


def test_a_run_leaves_checkpoints_log_and_figure(gpff: Command, settings: Path, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    outcome = gpff("train", "--data", data, "--config", settings, "--steps", "6", "--folder", folder)
    assert outcome.code == 0
    assert outcome.out.startswith("trained 6 steps")
    names = (
        "best.json",
        "best.safetensors",
        "latest.json",
        "latest.safetensors",
        "log.jsonl",
        "loss.html",
        "run.json",
        "state.safetensors",
    )
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    card = json.loads((folder / "best.json").read_text())
    assert card["elements"] == [1, 6, 8]
    assert card["steps"] == 6
    assert card["training_structures"] == 24
    assert card["structures_seen"] == 48
    assert card["recipe"]["network_config"]["n_features"] == 16
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4, 6, 6, 6]
    assert "validation" in lines[-2]
    assert 0 <= lines[-1]["validity"] <= 1
    assert gpff("sample", "--checkpoint", folder / "best.safetensors", "--formula", "CH4", "--steps", "2").code == 0

    other = gpff("train", "--folder", folder, "--config", settings, "--resume")
    assert other.code == 2
    assert "leave out --config" in other.err
    again = gpff("train", "--data", data, "--config", settings, "--steps", "6", "--folder", folder)
    assert again.code == 2
    assert "already holds a run" in again.err


def test_a_card_tells_all_of_the_weights_it_started_from(
    gpff: Command, settings: Path, data: Path, tmp_path: Path
) -> None:
    """Also after the run was taken up again, which is told nothing of them."""
    first, second = tmp_path / "first", tmp_path / "second"
    words = ("train", "--data", data, "--config", settings)
    assert gpff(*words, "--steps", "4", "--folder", first).code == 0
    start = first / "latest.safetensors"
    assert gpff(*words, "--steps", "2", "--folder", second, "--start-from", start).code == 0
    assert gpff("train", "--folder", second, "--resume", "--steps", "4").code == 0
    of_first, of_second = (json.loads((folder / "latest.json").read_text()) for folder in (first, second))
    assert of_first["started_from"] == "random weights"
    assert of_second["started_from"] == {"name": "latest", **of_first}
    assert of_second["steps"] == 4

    other = gpff("train", "--folder", second, "--resume", "--start-from", start)
    assert other.code == 2
    assert "leave out --config, --data and --start-from" in other.err

    larger = gpff("train", "--data", data, "--steps", "2", "--folder", tmp_path / "third", "--start-from", start)
    assert (larger.code, (tmp_path / "third").exists()) == (2, False)
    assert "a network of other sizes; use its own config" in larger.err


def wait_for_step(process: "subprocess.Popen[str]", log: Path, step: int) -> None:
    """Until a process has logged a step, or is over."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if log.is_file() and log.read_bytes().count(b"\n") >= step // 2:
            break
        time.sleep(0.002)


def killed_at_step(words: list[str], log: Path, step: int) -> int:
    """A process of its own, killed once it has logged a step; its return code."""
    process = subprocess.Popen([sys.executable, "-m", "gpff_core", *words], text=True)
    wait_for_step(process, log, step)
    process.kill()
    return process.wait(timeout=60)


def assert_same_run(whole: Path, resumed: Path) -> None:
    """Weights, averages and moments to the last bit, and a log in which no step is missing or there twice."""
    there, here = state(whole), state(resumed)
    assert there.keys() == here.keys()
    assert all(np.array_equal(value, here[name]) for name, value in there.items())
    steps = [json.loads(line)["step"] for line in (resumed / "log.jsonl").read_text().splitlines()]
    assert steps == [*range(2, 41, 2), 40, 40]


@pytest.fixture
def forty_steps(gpff: Command, settings: Path, data: Path, tmp_path: Path) -> list[str]:
    """The words of a run that was made without interruption in the folder `whole`."""
    words = ["train", "--data", str(data), "--config", str(settings), "--steps", "40", "--folder"]
    settings.write_text(SETTINGS.replace("save_every_minutes = 0.0", ""))
    assert gpff(*words, tmp_path / "whole").code == 0
    settings.write_text(SETTINGS)
    return words


def test_a_killed_run_resumes_to_the_same_weights(gpff: Command, forty_steps: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    assert killed_at_step([*forty_steps, str(folder)], folder / "log.jsonl", 10) == -signal.SIGKILL
    assert not (folder / "best.safetensors").exists()
    assert gpff("train", "--folder", folder, "--resume").code == 0
    assert_same_run(tmp_path / "whole", folder)


@pytest.mark.parametrize("step", [10, 11])
def test_ctrl_c_ends_a_run_between_two_steps(
    gpff: Command, forty_steps: list[str], settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The signal arrives while the weights are half updated: saved like that, the run could not be continued."""
    settings.write_text(SETTINGS.replace("save_every_minutes = 0.0", ""))
    folder = tmp_path / "stopped"
    advance = TrainingRun._advance

    def interrupted(self: TrainingRun, fraction: float) -> tuple[float, float, float]:
        if self.step == step:
            signal.raise_signal(signal.SIGINT)
        return advance(self, fraction)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingRun, "_advance", interrupted)
        stopped = gpff(*forty_steps, folder)
    assert stopped.code == 1
    assert stopped.err == f"gpff_core: stopped at step {step + 1}; --resume continues from here.\n"
    assert gpff("train", "--folder", folder, "--resume").code == 0
    there, here = state(tmp_path / "whole"), state(folder)
    assert all(np.array_equal(value, here[name]) for name, value in there.items())


def test_ctrl_c_ends_a_run_on_two_devices_for_both(settings: Path, data: Path, tmp_path: Path) -> None:
    """Both processes would notice it at different steps, and one alone would hang or crash: the first one decides."""
    folder = tmp_path / "two"
    words = ["train", "--data", str(data), "--config", str(settings), "--steps", "100000", "--devices", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gpff_core", *words, "--folder", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_step(process, folder / "log.jsonl", 10)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=90)
    assert process.returncode == 1
    assert err.count("gpff_core: stopped at step ") == 1
    assert "Traceback" not in err
    assert (folder / "state.safetensors").is_file()


def test_every_kind_of_file_is_trained_on(gpff: Command, settings: Path, data: Path, tmp_path: Path) -> None:
    """The same ten molecules as SDF and ASE database; SchNetPack's database is one with a unit of length."""
    frames = ase.io.read(data, index=":")
    with ase.db.connect(tmp_path / "ase.db") as database, ase.db.connect(tmp_path / "schnetpack.db") as in_bohr:
        in_bohr.metadata = {"_distance_unit": "Bohr", "_property_unit_dict": {}, "atomrefs": {}}
        for atoms in frames:
            database.write(atoms)
            in_bohr.write(Atoms(numbers=atoms.numbers, positions=atoms.positions / ase.units.Bohr))
    with Chem.SDWriter(str(tmp_path / "ethane.sdf")) as writer:
        molecule = Chem.AddHs(Chem.MolFromSmiles("CC"))
        AllChem.EmbedMolecule(molecule, randomSeed=1)
        for _ in range(12):
            writer.write(molecule)
    losses = {}
    for path in (data, tmp_path / "ase.db", tmp_path / "schnetpack.db", tmp_path / "ethane.sdf"):
        folder = tmp_path / f"run-{path.stem}"
        outcome = gpff("train", "--data", path, "--config", settings, "--steps", "2", "--folder", folder)
        assert outcome.code == 0, outcome.err
        losses[path.stem] = json.loads((folder / "log.jsonl").read_text().splitlines()[0])["loss"]
        assert json.loads((folder / "best.json").read_text())["data"] == path.name
    assert losses["ase"] == pytest.approx(losses["data"], rel=1e-4)
    assert losses["schnetpack"] == pytest.approx(losses["data"], rel=1e-4)
    assert losses["ethane"] != pytest.approx(losses["data"], rel=1e-2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "either minutes or steps"),
        ("--steps 2 --minutes 1", "either minutes or steps"),
        ("--steps 0", "length 0"),
        ("--steps 2 --resume", "no run to resume"),
        ("--steps 2 --data missing.npz", "could not be read as a packed data set"),
        ("--steps 2 --data missing.pdf", "choose one of .xyz"),
        ("--steps 2 --data few.xyz", "holds 3 structures; give at least 10"),
        ("--steps 2 --config missing.toml", "could not be read as TOML"),
        ("--steps 2 --accelerator abacus", "cannot set up this device"),
        ("--steps 2 --start-from missing", "There is no checkpoint 'missing'"),
        ("--steps 2 --config unknown.toml", "does not exist"),
        ("--steps 2 --config sizes.toml", "do not fit the network"),
        ("--steps 2 --config heads.toml", "5 heads do not divide"),
        ("--steps 2 --config network.toml", "no network called 'oracle'"),
        ("--steps 2 --config kind.toml", "of another kind"),
        ("--steps 2 --config share.toml", "anisotropic_share is 2"),
    ],
)
def test_train_refuses(
    gpff: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ase.io.write("few.xyz", ase.io.read(data, index=":3"), format="extxyz")
    Path("unknown.toml").write_text("warmth = 3\n")
    Path("sizes.toml").write_text("[network_config]\nn_legs = 3\n")
    Path("heads.toml").write_text("[network_config]\nn_heads = 5\n")
    Path("network.toml").write_text('network = "oracle"\n')
    Path("kind.toml").write_text('learning_rate = "fast"\n')
    Path("share.toml").write_text("[corruption]\nanisotropic_share = 2\n")
    outcome = gpff("train", *([] if "--data" in words else ["--data", data]), "--folder", "run", *words.split())
    assert outcome.code == 2
    assert said in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert not Path("run").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_one_may_not_write_to_is_refused(gpff: Command, data: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    assert gpff("train", "--data", data, "--steps", "2", "--folder", tmp_path / "run").code == 2
