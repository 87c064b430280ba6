"""`bench speed`: cost of a network call."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

from tqdm import tqdm

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.cli.bench.report import Result
from gpff_core.cli.bench.results import origin, save, whole_numbers_in
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.evaluation.speed import Contestant, measure_speed, operator_shares
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import build_network

BATCH_SIZES: Final = (1, 8, 32, 64)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("--formula", default="C7H9NO,C9H20", help="what to time (default C7H9NO,C9H20)")
    parser.add_argument("--alkanes", default="9,16,33,66", help="carbon atoms of alkanes up to the largest size")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    field = checkpoint_of(args)
    painn = build_network("painn", {}).eval().requires_grad_(requires_grad=False)
    contestants = [
        Contestant("transformer", field.inference, field.network),
        Contestant("training path", field.network, field.network),
        Contestant("PaiNN 256×4", painn, painn),
    ]
    compositions = [parse_formula(formula) for formula in args.formula.split(",")]
    alkanes = [parse_formula(f"C{n}H{2 * n + 2}") for n in whole_numbers_in(args.alkanes, "9,16,33")]

    def work() -> int:
        def measured_on(molecules: list[Composition], sizes: Sequence[int], threads: Sequence[int]) -> list[Any]:
            bar = tqdm(molecules, unit="molecule", disable=None, leave=False)
            return [asdict(point) for c in bar for point in measure_speed(contestants, c, sizes, threads)]

        points, sizes = measured_on(compositions, BATCH_SIZES, (1, 2)), measured_on(alkanes, (1,), (2,))
        shares = {size: operator_shares(field.inference, compositions[0], size) for size in (1, 64)}
        measured = {"formulas": [c.formula for c in compositions], "points": points, "sizes": sizes, "shares": shares}
        save(args.docs, "speed", origin(args, "formula", "alkanes") | measured)
        return 0

    return work


def section(result: Result) -> str:
    """Markdown from what `bench speed` left in speed.json."""
    parts = [
        "## Cost of a network call",
        f"`{result['command']}`, torch {result['torch']}, {result['cpu']}, version {result['version']}.",
        "Networks take turns in one run; figures are medians, in brackets the fastest and slowest repetition. "
        "*transformer* is the default network as it runs without autograd; *training path* is the same network as it "
        "is trained, with autograd off; PaiNN has 600 radial functions and sees all pairs, as in the literature. No "
        "PaiNN of that size was trained here: at equal validity molecules per second differ by the ratio of times only "
        "as far as both networks need the same number of calls.",
        *(_batches(result, formula) for formula in result["formulas"]),
        _sizes(result),
        _shares(result),
    ]
    return "\n\n".join(parts) + "\n"


def _batches(result: Result, formula: str) -> str:
    points = [point for point in result["points"] if point["formula"] == formula]
    names = list(dict.fromkeys(point["network"] for point in points))
    settings = dict.fromkeys((point["threads"], point["batch_size"]) for point in points)
    rows = []
    for threads, size in settings:
        here = [p for p in points if (p["threads"], p["batch_size"]) == (threads, size)]
        rows.append([threads, size, *map(_time, here), *_ratios(here), *map(_distance, here[:1])])
    ratios = [f"{name} / {names[0]}" for name in names[1:]]
    head = ["threads", "batch", *names, *ratios, f"{names[0]} / floor"]
    return (
        f"### {formula}, {points[0]['n_atoms']} atoms: milliseconds per molecule\n\n{_table(head, rows)}\n\n"
        "The floor is the time that the matrix products of a call would take at the speed of one large product. "
        f"{_arithmetic(points)}"
    )


def _arithmetic(points: list[Result]) -> str:
    """How much of it the networks need, and how fast this machine is at it."""
    needed = {p["network"]: f"{p['gigaflops']:.2f} GFLOP for {p['network']}" for p in points}
    rates = {p["threads"]: f"{p['gigaflops_per_second']:.0f} GFLOP/s on {_threads(p['threads'])}" for p in points}
    return f"Per molecule it is {', '.join(needed.values())}; large products run at {' and '.join(rates.values())}."


def _threads(n: int) -> str:
    return f"{n} thread{'s' if n > 1 else ''}"


def _sizes(result: Result) -> str:
    points = result["sizes"]
    names = list(dict.fromkeys(point["network"] for point in points))
    rows = []
    for formula in dict.fromkeys(point["formula"] for point in points):
        here = [point for point in points if point["formula"] == formula]
        rows.append([formula, here[0]["n_atoms"], *map(_time, here), *map(_distance, here[:1])])
    head = ["alkane", "atoms", *names, f"{names[0]} / floor"]
    threads = _threads(points[0]["threads"])
    return f"### Against the number of atoms: milliseconds, one molecule, {threads}\n\n{_table(head, rows)}"


def _shares(result: Result) -> str:
    shares = result["shares"]
    sizes = list(shares)
    rows = [[group, *(f"{100 * shares[size][group]:.0f} %" for size in sizes)] for group in shares[sizes[0]]]
    head = ["operators", *(f"batch {size}" for size in sizes)]
    return f"### Where the transformer's time goes: {result['formulas'][0]}, 1 thread\n\n{_table(head, rows)}"


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines).replace(" --- ", "---")


def _time(point: Result) -> str:
    return f"{point['milliseconds']:.2f} ({point['fastest']:.2f}–{point['slowest']:.2f})"


def _ratios(points: list[Result]) -> list[str]:
    return [f"{point['milliseconds'] / points[0]['milliseconds']:.1f} ×" for point in points[1:]]


def _distance(point: Result) -> str:
    """How many times as long as the floor."""
    floor = 1e3 * point["gigaflops"] / point["gigaflops_per_second"]
    return f"{point['milliseconds'] / floor:.1f} ×"
