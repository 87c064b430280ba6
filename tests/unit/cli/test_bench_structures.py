"""`bench physical`, `distributions`, `shapes`, `starts`, `scaffolds`: the shipped network, numbers and page."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpff_core.cli.bench.held_out import all_structures
from gpff_core.evaluation.metrics import Fraction
from gpff_core.evaluation.physical import examine
from gpff_core.evaluation.starts import STARTS
from tests.unit.cli.conftest import Command, Outcome

SHIPPED = Path(__file__).parents[3] / "checkpoints" / "qm9.safetensors"

Bench = Callable[..., tuple[Outcome, dict[str, Any], str]]


@pytest.fixture
def bench(gpff: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Run a measurement without a browser to draw; what it printed, its JSON and the page."""
    monkeypatch.setattr("plotly.graph_objects.Figure.write_image", lambda *_: None)

    def run(what: str, *words: str) -> tuple[Outcome, dict[str, Any], str]:
        outcome = gpff("bench", what, "--checkpoint", SHIPPED, "--docs", tmp_path, *words)
        found = json.loads((tmp_path / "benchmarks" / f"{what}.json").read_text())
        return outcome, found, (tmp_path / "benchmarks.md").read_text()

    return run


def assert_fractions_are_whole(found: Any) -> None:
    """Every fraction anywhere in a result has count, total, share and error, and these fit together."""
    if isinstance(found, dict) and "count" in found:
        fraction = Fraction(found["count"], found["total"])
        assert found == fraction.as_dict()
        assert found["count"] <= found["total"]
    elif isinstance(found, dict | list):
        for part in found.values() if isinstance(found, dict) else found:
            assert_fractions_are_whole(part)


@pytest.fixture
def physical(bench: Bench) -> Bench:
    pytest.importorskip("tblite", reason="tblite has no wheels for this platform")
    return bench


def test_physical_compares_with_the_data(physical: Bench) -> None:
    outcome, found, page = physical("physical", "-n", "3", "--samplers", "direct,ancestral", "--calls", "30")
    assert outcome.code == 0, outcome.err
    assert list(found["origins"]) == ["data", "direct", "ancestral"]
    for origin in found["origins"].values():
        assert_fractions_are_whole(origin)
        assert origin["valid"]["total"] == origin["stable_molecules"]["total"] == 3
        assert origin["plausible"]["total"] == origin["valid"]["count"]
        n_relaxed = origin["valid"]["count"] - sum(origin["not_relaxed"].values())
        assert origin["energy"]["n"] == len(origin["energies"]) == origin["same_molecule"]["total"] == n_relaxed
    data = found["origins"]["data"]
    assert data["valid"]["count"] == 3
    assert 0.2 < data["energy"]["median"] < 5
    assert data["heavy_rmsd"]["median"] < 0.3
    assert found["command"] in page
    assert f"| valid, of structures | {Fraction(3, 3)} of 3 |" in page
    assert "| internal energy |" in page
    assert len([line for line in outcome.err.splitlines() if "data: " in line]) == 3


@pytest.fixture
def without_conformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """All checks but the one that takes a minute for a cage."""

    def none(*_: object) -> None:
        raise AssertionError("Failed to generate conformations.")

    monkeypatch.setattr("posebusters.modules.energy_ratio.get_energies", none)


@pytest.mark.usefixtures("without_conformers")
def test_physical_is_the_same_for_the_same_seed(physical: Bench) -> None:
    words = ("physical", "-n", "1", "--calls", "8")
    _, first, _ = physical(*words, "--seed", "5")
    _, again, _ = physical(*words, "--seed", "5")
    _, other, _ = physical(*words, "--seed", "6")
    assert first == again
    assert first["origins"]["data"]["energies"] != other["origins"]["data"]["energies"]


@pytest.mark.usefixtures("without_conformers")
def test_ctrl_c_keeps_the_formulas_that_are_finished(physical: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data's structure and the generated one of each formula, and nothing of the one under way."""
    calls = []

    def interrupted(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 4:
            signal.raise_signal(signal.SIGINT)
        return examine(*args)

    monkeypatch.setattr("gpff_core.cli.bench.physical.examine", interrupted)
    outcome, found, page = physical("physical", "-n", "3", "--calls", "8")
    assert outcome.code == 1
    assert "stopped after 1 of 3" in outcome.err
    assert found["n"] == found["origins"]["data"]["valid"]["total"] == found["origins"]["direct"]["valid"]["total"] == 1
    assert "Stopped before its end" in page


@pytest.fixture
def distributions(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Against a tenth of the test split, molecules of every size."""
    pytest.importorskip("tblite", reason="tblite has no wheels for this platform")
    monkeypatch.setattr("gpff_core.cli.bench.distributions.all_structures", lambda: all_structures()[::10])
    return lambda *words: bench("distributions", *words)


def test_distributions_stand_beside_their_bands(distributions: Bench) -> None:
    words = ("-n", "6", "--samplers", "direct", "--calls", "30", "--reheat", "1")
    outcome, found, page = distributions(*words)
    assert outcome.code == 0, outcome.err
    direct, reheated = found["samplers"]
    assert reheated["sampler"] == "direct, reheated"
    assert "reheated(rounds=1" in reheated["settings"]
    assert_fractions_are_whole(direct)
    assert direct["valid"]["total"] == 6
    assert 195 <= found["n_data"] <= 200
    by_quantity = {c["quantity"]: c for c in direct["comparisons"]}
    assert {"bond C-C (Å)", "bond C-H (Å)", "angle at C (°)", "NPR1", "NPR2"} <= set(by_quantity)
    assert by_quantity["bond C-H (Å)"]["mean_data"] == pytest.approx(1.093, abs=0.004)
    assert by_quantity["atomisation energy per atom (kcal/mol)"]["mean_data"] == pytest.approx(139, abs=3)
    assert by_quantity["NPR1"]["n_generated"] == direct["valid"]["count"]
    for c in direct["comparisons"]:
        assert 0 < c["band_low"] < c["band_high"]
    cell = by_quantity["NPR1"]
    assert f"| {cell['distance']:.2g} ({cell['band_low']:.2g}–{cell['band_high']:.2g}) |" in page


def test_distributions_of_nothing_valid_claim_nothing(distributions: Bench) -> None:
    outcome, found, page = distributions("-n", "2", "--samplers", "ancestral", "--calls", "1")
    assert outcome.code == 0, outcome.err
    assert found["samplers"][0]["valid"]["count"] == 0
    assert found["samplers"][0]["comparisons"] == []
    assert "| valid |" in page


def test_shapes_asks_for_every_shape_in_every_size(bench: Bench) -> None:
    outcome, found, page = bench("shapes", "-n", "3", "--sigmas", "1,2", "--calls", "3")
    assert outcome.code == 0, outcome.err
    assert_fractions_are_whole(found)
    settings = [(point["shape"], point["sigma"]) for point in found["points"]]
    shapes = ("rod", "disc", "ball", "rod, held", "disc, held", "ball, held")
    assert settings == [(shape, sigma) for shape in shapes for sigma in (1, 2)]
    rods = {point["shape"]: point["of_all"]["result"][0] for point in found["points"] if point["sigma"] == 2}
    assert rods["rod, held"] > rods["rod"] > rods["ball"]
    assert all(point["n_calls"] == 3 and point["of_all"]["n"] == 3 for point in found["points"])
    assert sum(found["data_ratios"]) == pytest.approx(1)
    assert "| rod | 2 |" in page
    assert "0.85 : 0.13 : 0.02" in page


def test_without_the_optional_libraries_it_says_so_before_it_starts(
    gpff: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpff_core.chemistry.optional.find_spec", lambda _: None)
    outcome = gpff("bench", "physical", "--checkpoint", SHIPPED, "--docs", tmp_path)
    assert outcome.code == 2
    assert "requirements-dev.txt" in outcome.err


def test_a_cloud_of_molecular_size_needs_fewer_calls_than_a_wide_one(bench: Bench) -> None:
    outcome, found, page = bench("starts", "-n", "24", "--calls", "4,15")
    assert outcome.code == 0, outcome.err
    assert_fractions_are_whole(found)
    valid = {(point["start"], point["budget"]): point["valid"]["count"] for point in found["points"]}
    assert len(valid) == 2 * len(STARTS)
    assert valid["typical of the formula", 4] > valid["30 Å ball", 4]
    assert valid["typical of the formula", 15] > valid["typical of the formula", 4]
    assert {point["prior"] for point in found["points"] if point["start"] == "30 Å ball"} == {"isotropic(sigma=30)"}
    row = " | ".join(str(Fraction(valid[start, 15], 24)) for start in STARTS)
    assert f"| 15 | {row} |" in page


def test_diversity_counts_different_molecules_of_a_formula(bench: Bench) -> None:
    outcome, found, page = bench("diversity", "-n", "2", "--each", "12", "--samplers", "direct", "--calls", "20")
    assert outcome.code == 0, outcome.err
    assert_fractions_are_whole(found)
    data, direct = found["origins"]
    # Molecules of the data set are all different, and nearly all of them were trained on.
    assert data["valid"]["count"] >= 23
    assert data["distinct"]["count"] >= data["valid"]["count"] - 1
    assert data["novel"]["share"] < 0.4
    assert direct["valid"]["total"] == 24
    assert 12 < direct["distinct"]["count"] <= direct["valid"]["count"]
    assert direct["difference"] == pytest.approx(data["difference"], abs=0.1)
    assert f"| data | {Fraction(data['valid']['count'], 24)}" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["--each", "1"], "it takes at least 2"), (["--each", "5000", "-n", "9"], "-n is 9; give 1 to")],
)
def test_diversity_refuses_what_it_cannot_draw(gpff: Command, tmp_path: Path, words: list[str], sentence: str) -> None:
    outcome = gpff("bench", "diversity", "--checkpoint", SHIPPED, "--docs", tmp_path, *words)
    assert outcome.code == 2
    assert sentence in outcome.err


def test_scaffolds_say_what_was_kept_before_any_reheating(bench: Bench) -> None:
    _, plain, _ = bench("scaffolds", "-n", "2", "--calls", "17")
    outcome, found, page = bench("scaffolds", "-n", "2", "--calls", "32", "--reheat", "3")
    assert outcome.code == 0, outcome.err
    assert_fractions_are_whole(found)
    for before, after in zip(plain["points"], found["points"], strict=True):
        assert before["kept"] == before["at_once"] == after["at_once"]
        assert after["at_once"]["count"] <= after["kept"]["count"] <= after["valid"]["count"] <= 2
    assert found["total"]["kept"]["count"] > found["total"]["at_once"]["count"]
    benzene = [point["kept"]["count"] for point in found["points"] if point["case"]["frozen"] == "c1ccccc1"]
    (row,) = [line for line in page.splitlines() if line.startswith("| all of benzene |")]
    assert str(Fraction(sum(benzene), 10)) in row
