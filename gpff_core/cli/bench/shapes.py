"""`bench shapes`: how much of a prior's shape a short relaxation keeps."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gpff_core.cli.bench.held_out import drawn_structures
from gpff_core.cli.bench.report import Result, counted_cell, heading, quartiles_cell, table
from gpff_core.cli.bench.results import collect, names_in, origin, save, weights
from gpff_core.cli.figures import COLOURS, MARKERS, write_figure
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.errors import GpffError
from gpff_core.evaluation.shapes import ShapePoint, mean_ratios, measure_shapes, shaped_prior
from gpff_core.priors import SHAPES
from gpff_core.samplers.step import require_steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=100, help="test formulas, one structure each (default 100)")
    parser.add_argument("--calls", type=int, default=6, help="network calls per structure (default 6)")
    parser.add_argument("--sigmas", default="1,1.5,2", help="sizes of the prior in Å (default 1,1.5,2)")
    parser.add_argument("--seed", type=int, default=0)


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    require_steps(args.calls)
    sigmas = _sigmas(args.sigmas)
    field = checkpoint_of(args)
    structures = drawn_structures(field, args.n, args.seed)
    compositions = [structure.composition for structure in structures]

    def work() -> int:
        measuring = measure_shapes(field, compositions, sigmas, args.calls, args.seed)
        found = collect(measuring, 2 * len(SHAPES) * len(sigmas), "prior", _line)
        points = [point.as_dict() for point in found.items]
        own = mean_ratios([structure.positions for structure in structures])
        measured = {"n": args.n, "complete": found.complete, "data_ratios": own, "points": points}
        save(args.docs, "shapes", origin(args, "n", "calls", "sigmas", "seed") | weights(field) | measured)
        _write_figure(found.items, args.docs / "benchmarks" / "shapes.svg")
        return 0 if found.complete else 1

    return work


def _sigmas(text: str) -> list[float]:
    try:
        sigmas = [float(word) for word in names_in(text)]
    except ValueError as error:
        raise GpffError(f"{text!r} is not a list of numbers; give sizes in Å such as 1,1.5,2.") from error
    for sigma in sigmas:
        if not 0 < sigma < float("inf"):
            raise GpffError(f"A prior of size {sigma:g} Å has no shape; give positive sizes such as 1,1.5,2.")
        for ratios in SHAPES.values():
            shaped_prior(ratios, sigma)
    return sigmas


def _line(point: ShapePoint) -> str:
    return f"{point.shape:<10} σ {point.sigma:g} Å  valid {point.valid}, moved {point.of_all.rmsd} Å"


def section(result: Result) -> str:
    points: Sequence[Result] = result["points"]
    lines = [
        *heading("Shape of the prior, shape of the molecule", result),
        f"Relaxation: direct denoising without shaking (λ = 0), {points[0]['n_calls']} calls, one structure for each "
        f"of {result['n']} formulas drawn from the test split, from a Gaussian cloud whose variances along its "
        "principal axes are in the ratios asked for and σ² on average. A cloud of few atoms has other ratios than its "
        "distribution, so those of the clouds are given too (means); the data's own molecules of these formulas have "
        f"{_ratios(result['data_ratios'])}. Held: the ratios are imposed anew before every call. "
        "Moved: distance between cloud and result after "
        "rigid superposition, median and in brackets the quartiles. Columns from the clouds on are of the valid "
        "molecules; the JSON file has those of all structures as well. ± is one binomial standard error.",
        "",
        "![Normalised principal moments of the valid molecules](benchmarks/shapes.svg)",
        "",
        *table(
            ["shape", "σ (Å)", "valid", "ratios asked", "of the clouds", "of the molecules", "moved (Å)"], _rows(points)
        ),
    ]
    return "\n".join(lines)


def _rows(points: Sequence[Result]) -> Iterator[list[str]]:
    for point in points:
        kept = point["of_valid"]
        clouds, molecules = (_ratios(kept[name]) if kept["n"] else "–" for name in ("start", "result"))
        size = f"{point['sigma']:g}"
        valid, moved = counted_cell(point["valid"]), quartiles_cell(kept["rmsd"])
        yield [point["shape"], size, valid, _ratios(point["asked"]), clouds, molecules, moved]


def _ratios(ratios: Sequence[float]) -> str:
    return " : ".join(f"{ratio:.2f}" for ratio in ratios)


def _write_figure(points: Sequence[ShapePoint], target: Path) -> None:
    """The triangle of rods, discs and balls with every valid molecule in it."""
    corner = {"type": "scatter", "mode": "lines", "showlegend": False, "line": {"color": "#adb5bd"}}
    traces = [corner | {"x": [0, 0.5, 1, 0], "y": [1, 0.5, 1, 1]}]
    for i, shape in enumerate(dict.fromkeys(point.shape for point in points)):
        moments = [pair for point in points if point.shape == shape for pair in point.of_valid.moments]
        traces.append(
            {
                "type": "scatter",
                "name": shape,
                "mode": "markers",
                "x": [first for first, _ in moments],
                "y": [second for _, second in moments],
                "marker": {"color": COLOURS[i], "symbol": MARKERS[i], "size": 6, "opacity": 0.6},
            }
        )
    layout = {
        "xaxis": {"title": {"text": "NPR1 (rod 0, disc ½, ball 1)"}},
        "yaxis": {"title": {"text": "NPR2"}, "scaleanchor": "x"},
    }
    write_figure(traces, layout, target)
