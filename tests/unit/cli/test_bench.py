"""`bench` measures, keeps the numbers, writes the page; what it cannot draw it says."""

import json
import re
import shutil
import signal
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gpff_core.cli.bench.held_out import all_structures, drawn_structures
from gpff_core.cli.bench.speed import BATCH_SIZES
from gpff_core.evaluation.metrics import Fraction
from gpff_core.evaluation.quality import measure_quality
from gpff_core.evaluation.speed import OPERATOR_GROUPS, OTHER_OPERATORS, Contestant, count_flops, measure_speed
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.split import Split
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import load_checkpoint
from gpff_core.samplers import SAMPLERS
from tests.unit.cli.conftest import Command

QM9 = Path(__file__).parents[3] / "data" / "qm9.npz"


@pytest.fixture
def quality(gpff: Command, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`bench quality` on six structures that need no nitrogen, into docs of its own and without a browser to draw."""
    checkpoint = tmp_path / "copy.safetensors"
    for suffix in (".safetensors", ".json", ".reference.npz"):
        shutil.copy(trained.with_suffix(suffix), checkpoint.with_suffix(suffix))
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr("plotly.graph_objects.Figure.write_image", no_browser)
    monkeypatch.setattr(MoleculeDataset, "composition", without_nitrogen)
    words = ("bench", "quality", "--checkpoint", checkpoint, "--docs", tmp_path / "docs", "-n", "6")
    return lambda *more: gpff(*words, *more)


composition = MoleculeDataset.composition


def without_nitrogen(self: MoleculeDataset, index: int):  # type: ignore[no-untyped-def]
    """The tiny network knows no nitrogen, and most test formulas have some: methane for those."""
    found = composition(self, index)
    return type(found)((6, 1, 1, 1, 1)) if 7 in found.numbers else found


def no_browser(*_: object) -> None:
    raise RuntimeError("\nKaleido requires a browser.\n\nInstall one:\n")


def test_quality_keeps_numbers_and_writes_the_page(quality: Command, tmp_path: Path) -> None:
    outcome = quality("--samplers", "direct,heun", "--calls", "4,9")
    assert outcome.code == 0, outcome.err
    result = json.loads((tmp_path / "docs" / "benchmarks" / "quality.json").read_text())
    points = {(point["sampler"], point["budget"]): point for point in result["points"]}
    assert set(points) == {("direct", 4), ("direct", 9), ("heun", 4), ("heun", 9)}
    assert [points[key]["calls"] for key in sorted(points)] == [4, 9, 3, 9]
    for point in points.values():
        valid = Fraction(**point["valid"])
        assert valid.total == 6
        assert point["valid_share"] == pytest.approx(valid.value)
        assert point["valid_error"] == pytest.approx(valid.error)
        assert point["unique"]["total"] == valid.count
    page = (tmp_path / "docs" / "benchmarks.md").read_text()
    assert result["command"] in page
    assert f"| 9 | {Fraction(**points['direct', 9]['valid'])} | {Fraction(**points['heun', 9]['valid'])} |" in page
    best = points["direct", 9]
    assert f"| direct | 9.0 | {best['valid']['count'] / best['seconds']:.1f} |" in page


def test_seeds_draw_formulas_of_their_own_and_are_pooled(quality: Command, tmp_path: Path) -> None:
    def point_of(*words: str) -> dict[str, Any]:
        assert quality("--samplers", "direct", "--calls", "9", *words).code == 0
        (point,) = json.loads((tmp_path / "docs" / "benchmarks" / "quality.json").read_text())["points"]
        return point

    one, other = point_of("--seeds", "3"), point_of("--seeds", "4")
    both = point_of("--seeds", "3,4")
    assert both["valid_by_seed"] == [one["valid"]["count"], other["valid"]["count"]]
    for name in ("valid", "unique", "novel"):
        together = {key: one[name][key] + other[name][key] for key in ("count", "total")}
        assert both[name] == together
    assert both["valid_error"] == pytest.approx(Fraction(**both["valid"]).error)
    page = (tmp_path / "docs" / "benchmarks.md").read_text()
    assert "2 × 6 formulas drawn from the test split, a draw for each seed, each sampler" in page
    assert f"| {both['valid_by_seed'][0]}, {both['valid_by_seed'][1]} of 6 |" in page


def test_results_of_the_same_weights_can_be_added_to(quality: Command, tmp_path: Path) -> None:
    """New points join or replace those that are there, and the page says what was measured on how many formulas."""
    kept = tmp_path / "docs" / "benchmarks" / "quality.json"
    assert quality("--samplers", "heun,direct", "--calls", "9,12", "--seeds", "3,4").code == 0
    before = json.loads(kept.read_text())
    assert quality("--samplers", "direct", "--calls", "4,12", "--add").code == 0
    added = json.loads(kept.read_text())
    places = [(point["sampler"], point["budget"], point["valid"]["total"]) for point in added["points"]]
    assert places == [("direct", 4, 6), ("direct", 9, 12), ("direct", 12, 6), ("heun", 9, 12), ("heun", 12, 12)]
    assert added["points"][1] == before["points"][2]
    commands = added["command"].split(" and ")
    assert commands[0] == before["command"]
    assert len(commands) == 2
    assert commands[1].endswith("--add")
    page = kept.parents[1].joinpath("benchmarks.md").read_text()
    assert (
        "2 × 6 formulas drawn from the test split, a draw for each seed (direct with 4, 12 calls: 6 formulas)" in page
    )
    assert quality("--samplers", "direct", "--calls", "4,12", "--add").code == 0
    assert json.loads(kept.read_text())["command"] == added["command"]
    assert quality("--samplers", "direct", "--calls", "12", "--seeds", "3,4", "--add").code == 0
    page = kept.parents[1].joinpath("benchmarks.md").read_text()
    assert "2 × 6 formulas drawn from the test split, a draw for each seed (with 4 calls: 6 formulas)" in page

    kept.write_text(json.dumps(before | {"sha256": "other weights"}))
    assert quality("--samplers", "direct", "--calls", "4", "--add").code == 0
    assert len(json.loads(kept.read_text())["points"]) == 1

    kept.write_text('{"sha256": 3}')
    outcome = quality("--samplers", "direct", "--calls", "4", "--add")
    assert outcome.code == 2
    assert "cannot be added to" in outcome.err


def test_the_figure_has_a_line_for_every_sampler_with_and_without_reheating(
    quality: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr("gpff_core.cli.bench.quality.write_figure", lambda traces, *_: drawn.extend(traces))
    assert quality("-n", "1", "--calls", "16", "--reheat", "1").code == 0
    assert len(drawn) == 2 * len(SAMPLERS)
    assert len({(line["line"]["color"], line["line"]["dash"]) for line in drawn}) == len(drawn)


def test_rounds_of_reheating_are_as_many_as_there_is_room_for(quality: Command, tmp_path: Path) -> None:
    assert quality("--samplers", "direct", "--calls", "14,15,21,40", "--reheat", "3").code == 0
    points = json.loads((tmp_path / "docs" / "benchmarks" / "quality.json").read_text())["points"]
    rounds = {p["budget"]: p["settings"] for p in points if p["sampler"] == "direct, reheated"}
    assert len(rounds) == 3
    for budget, n in ((15, 1), (21, 2), (40, 3)):
        assert f"rounds={n}," in rounds[budget]
    assert all(point["calls"] <= point["budget"] for point in points)


def test_fewer_calls_of_its_own_leave_a_sampler_more_rounds(quality: Command, tmp_path: Path) -> None:
    words = ("--samplers", "direct", "--calls", "15", "--reheat", "3", "--own-calls", "5")
    assert quality(*words).code == 0
    measured = json.loads((tmp_path / "docs" / "benchmarks" / "quality.json").read_text())
    settings = {point["sampler"]: point["settings"] for point in measured["points"]}
    assert "n_steps=5," in settings["direct, reheated"]
    assert "rounds=2," in settings["direct, reheated"]
    assert "--own-calls 5" in measured["command"]


def test_drawn_formulas_are_as_large_as_the_split_s(trained: Path) -> None:
    """The data set is sorted by size, so that its first formulas are its small ones."""
    field = load_checkpoint(trained)
    everything = replace(field, card={"elements": [1, 6, 7, 8]})
    whole = [len(structure.composition) for structure in all_structures()]
    drawn = [len(structure.composition) for structure in drawn_structures(everything, 300, seed=0)]
    assert np.mean(drawn) == pytest.approx(np.mean(whole), abs=3 * np.std(whole) / np.sqrt(300))
    assert len(whole) == 2_000


def test_ctrl_c_keeps_the_settings_that_are_finished(
    quality: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = measure_quality

    def interrupted(*args: Any):  # type: ignore[no-untyped-def]
        for finished, point in enumerate(measure(*args)):
            if finished == 1:
                signal.raise_signal(signal.SIGINT)
            yield point

    monkeypatch.setattr("gpff_core.cli.bench.quality.measure_quality", interrupted)
    card = (tmp_path / "copy.json").read_text()
    outcome = quality("--samplers", "direct", "--calls", "2,3,4")
    assert outcome.code == 1
    assert "stopped after 1 of 3; what is finished is kept" in outcome.err
    result = json.loads((tmp_path / "docs" / "benchmarks" / "quality.json").read_text())
    assert [point["budget"] for point in result["points"]] == [2]
    assert "Stopped before its end" in (tmp_path / "docs" / "benchmarks.md").read_text()
    assert (tmp_path / "copy.json").read_text() == card


def test_results_of_another_version_do_not_spoil_the_page(quality: Command, tmp_path: Path) -> None:
    (tmp_path / "docs" / "benchmarks").mkdir()
    (tmp_path / "docs" / "benchmarks" / "shapes.json").write_text('{"command": "python -m gpff_core bench shapes"}')
    assert quality("--samplers", "direct", "--calls", "2").code == 0
    page = (tmp_path / "docs" / "benchmarks.md").read_text()
    assert "## Validity against network calls" in page
    assert "Measured by another version; run `python -m gpff_core bench shapes` again." in page


def test_a_list_of_numbers_is_one_line(quality: Command, tmp_path: Path) -> None:
    quality("--samplers", "direct", "--calls", "2", "--seeds", "0,1,2")
    written = (tmp_path / "docs" / "benchmarks" / "quality.json").read_text()
    assert re.search(r'"valid_by_seed": \[\d, \d, \d\],', written)


def test_a_figure_that_cannot_be_drawn_is_one_line(quality: Command, tmp_path: Path) -> None:
    outcome = quality("--samplers", "direct", "--calls", "2")
    assert outcome.code == 0
    (note,) = [line for line in outcome.err.splitlines() if line.startswith("gpff_core:")]
    assert note == (
        "gpff_core: quality.svg was not drawn (Kaleido requires a browser); install kaleido and Chromium to have it."
    )
    assert (tmp_path / "docs" / "benchmarks" / "quality.json").is_file()


def test_the_page_of_no_valid_molecules_claims_nothing_about_them(quality: Command, tmp_path: Path) -> None:
    quality("--samplers", "ancestral", "--calls", "1")
    page = (tmp_path / "docs" / "benchmarks.md").read_text()
    assert "| ancestral | 1.0 | 0.0 | – | – |" in page


def test_test_formulas_are_never_trained_on() -> None:
    data = MoleculeDataset.from_npz(QM9)
    assert not set(data.indices_of(Split.TEST).tolist()) & set(data.indices_of(Split.TRAINING).tolist())


def test_speed_compares_networks_in_one_run(gpff: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)  # two would wait for each other on a busy machine
    words = ("--formula", "H2,H2O", "--alkanes", "1,2", "--docs", tmp_path)
    outcome = gpff("bench", "speed", "--checkpoint", "small", *words)
    assert outcome.code == 0, outcome.err
    result = json.loads((tmp_path / "benchmarks" / "speed.json").read_text())
    points, networks = result["points"], {"transformer", "training path", "PaiNN 256×4"}
    settings = [(p["formula"], p["network"], p["threads"], p["batch_size"]) for p in points]
    assert sorted(settings) == sorted(product(("H2", "H2O"), networks, (1, 2), BATCH_SIZES))
    sizes = [(p["formula"], p["n_atoms"], p["network"]) for p in result["sizes"]]
    assert sorted(sizes) == sorted((*alkane, name) for alkane in (("CH4", 5), ("C2H6", 8)) for name in networks)
    assert all(0 < p["fastest"] <= p["milliseconds"] <= p["slowest"] for p in points + result["sizes"])
    for shares in result["shares"].values():
        assert sum(shares.values()) == pytest.approx(1)
        assert set(shares) == {*OPERATOR_GROUPS, OTHER_OPERATORS}
        assert all(shares.values()), "every group has work to do in a network"
    page = (tmp_path / "benchmarks.md").read_text()
    assert "## Cost of a network call" in page
    assert "bench speed --checkpoint small --formula H2,H2O --alkanes 1,2" in page
    assert "GFLOP for PaiNN 256×4" in page


def test_the_floor_counts_every_multiplication_of_the_matrix_products() -> None:
    """A linear map with 3 × 4 weights on the 5 atoms of methane: 60 multiplications and as many additions."""
    linear = torch.nn.Linear(3, 4, bias=False)
    methane = Composition((6, 1, 1, 1, 1))
    assert count_flops(lambda x, _: linear(x), methane) == 120
    (point,) = measure_speed(
        [Contestant("linear", lambda x, _: linear(x), lambda x, _: linear(x))], methane, (1,), (1,)
    )
    assert 0 < point.floor < point.milliseconds
