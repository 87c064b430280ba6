"""The options that say where generation starts: one of several ways to name a prior."""

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from ase.io.formats import string2index

from gpff_core.errors import GpffError
from gpff_core.field import sigma_at
from gpff_core.formats.meshes import points_inside
from gpff_core.formats.points import read_points
from gpff_core.formats.reading import read_structures
from gpff_core.formats.structures import Structure
from gpff_core.priors import (
    PRIORS,
    SHAPES,
    Covariance,
    Curve,
    Isotropic,
    Motif,
    Motifs,
    PointCloud,
    Prior,
    Shape,
    Typical,
)
from gpff_core.priors.serialisation import LONGEST_TEXT, prior_from_json

N_MESH_POINTS: Final = 2_000
"""Points that stand for the inside of a surface: many more than a molecule has atoms."""

DEFAULT_SIGMA: Final = 1.5
"""Å: root mean square coordinate of a shape nobody gave a size; that of a small molecule."""

FIRST: Final = slice(0, 1)
"""Of the structures of a file, where none is chosen."""

DEFAULT_SPREAD: Final = 0.3
"""Å: noise about points nobody gave a spread."""


_WAYS_OF: Final = {"point-cloud": ("points", "inside"), "curve": ("curve",), "motif": ("start",)}
"""Options that give a prior the settings it cannot do without, by its name."""


def add_prior(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("prior: where the atoms start (one of these; best for the sampler if left out)")
    where.add_argument(
        "--prior",
        metavar="NAME|FILE|JSON",
        help="isotropic, covariance, typical, shape, or a prior as JSON or its file",
    )
    where.add_argument("--covariance", metavar="xx,yy,zz[,xy,xz,yz]", help="symmetric positive-definite matrix in Å²")
    where.add_argument("--shape", metavar=f"{'|'.join(SHAPES)}|a,b,c", help="shares of the three principal variances")
    where.add_argument("--like", type=Path, metavar="FILE", help="size, shape and orientation of the first molecule")
    where.add_argument("--points", type=Path, metavar="FILE", help="a cloud of points (.xyz .csv .txt .npy), in Å")
    where.add_argument("--curve", type=Path, metavar="FILE", help="points along a curve, in Å")
    where.add_argument("--inside", type=Path, metavar="FILE", help="a closed surface (.stl .ply .obj), in Å")
    where.add_argument(
        "--start",
        metavar="FILE[@WHICH]",
        help="the first structure of a file, noised up to --sigma or, without it, at the noise level it has (its σ̂); "
        "@WHICH chooses others as ASE does: @-1 the last, @: all, @10: from the eleventh on; -n runs from each. "
        "Ladders start at the highest level of all, and not below 0.05 Å",
    )
    where.add_argument(
        "--sigma", type=float, metavar="Å", help="rms coordinate of the cloud, or noise level of --start"
    )
    where.add_argument(
        "--spacing",
        type=float,
        metavar="Å",
        help="move atoms of the round cloud that are nearer than this apart first; with --sigma alone they stay",
    )
    where.add_argument("--kT", type=float, metavar="Å²", help="the temperature of --sigma, in place of it: kT = 2σ²")
    where.add_argument("--spread", type=float, metavar="Å", help="noise about --points, --curve or --inside")
    where.add_argument("--hold", action="store_true", help="impose the --shape anew before every network call")


def prior_of(args: argparse.Namespace, usual: Isotropic) -> Prior | None:
    """The validated prior of parsed arguments, None if they leave it to what is best for the sampler, the usual one."""
    _heat(args)
    given = [name for name in _WAYS if name != "sigma" and getattr(args, name) is not None]
    if args.prior in ("covariance", "shape") and given == ["prior"]:
        raise GpffError(f"--prior {args.prior} needs its numbers; add --{args.prior} with them.")
    if args.prior in ("covariance", "shape") and args.prior in given:
        given.remove("prior")
    if len(given) > 1:
        raise GpffError(f"{' and '.join(f'--{name}' for name in given)} both name a prior; give one of them.")
    way = given[0] if given else "sigma"
    _refuse_what_does_not_belong(args, way)
    prior = _WAYS[way](args) if given or args.sigma is not None else None
    if args.spacing is not None:
        cloud = usual if prior is None else prior
        assert isinstance(cloud, Isotropic)
        prior = replace(cloud, spacing=args.spacing)
    if args.hold and not isinstance(prior, Shape):
        raise GpffError("--hold keeps a --shape, and none was given; add --shape, or leave out --hold.")
    return replace(prior, hold=True) if args.hold and isinstance(prior, Shape) else prior


def words_for(args: argparse.Namespace) -> list[str]:
    """The options that named the prior, as they were given; those that name a file need it again."""
    options = (*_WAYS, "spread", "hold")
    given = {name: getattr(args, name) for name in options if getattr(args, name) not in (None, False)}
    return ["--hold" if value is True else f"--{name}={value}" for name, value in given.items()]


def _start(args: argparse.Namespace) -> Prior:
    motifs = [Motif.from_structure(*structure, sigma=args.sigma or 0.0) for structure in _chosen(args.start)]
    return motifs[0] if len(motifs) == 1 else Motifs(tuple(motifs))


def _chosen(chosen: str) -> list[Structure]:
    """The structures that the value of --start chooses."""
    path, which = _file_and_slice(chosen)
    found = list(read_structures(path) if which != FIRST else islice(read_structures(path), 1))[which]
    if not found:
        raise GpffError(f"--start={chosen} chooses none of the structures of {path}; @: stands for all of them.")
    return found


def _file_and_slice(chosen: str) -> tuple[Path, slice]:
    """A file whose own name has an @ is meant as it is."""
    name, at, which = chosen.rpartition("@")
    if not at or Path(chosen).exists():
        return Path(chosen), FIRST
    try:
        where = string2index(which)
    except (ValueError, TypeError):
        where = which
    if isinstance(where, int):
        where = slice(where, where + 1 or None)
    if not isinstance(where, slice) or where.step == 0:
        raise GpffError(
            f"--start={chosen} does not choose structures of a file; after @ goes a number from 0, or -1 for the last, "
            "or a range such as 2:5, or : for all."
        )
    return Path(name), where


def _heat(args: argparse.Namespace) -> None:
    """Read --kT as the --sigma that it is."""
    if args.kT is None:
        return
    if args.sigma is not None:
        raise GpffError("--kT and --sigma are two names of the same, kT = 2σ²; give one of them.")
    if not 0 <= args.kT < math.inf:
        raise GpffError(f"--kT is {args.kT} Å²; it must be 0 or positive, for example 4.5 for σ = 1.5 Å.")
    args.sigma = sigma_at(args.kT)


def _refuse_what_does_not_belong(args: argparse.Namespace, way: str) -> None:
    if args.spread is not None and way not in ("points", "curve", "inside"):
        raise GpffError("--spread belongs to --points, --curve or --inside; leave it out, or give one of them.")
    sized = way in ("sigma", "shape", "start") or args.prior == "isotropic"
    if args.spacing is not None and (way != "sigma" and args.prior != "isotropic"):
        raise GpffError(f"--spacing is that of a round cloud, and --{way} names another prior; leave one of them out.")
    if args.sigma is not None and not sized:
        raise GpffError(f"--sigma does not apply to --{way}, which says the size itself; leave one of them out.")


def _named(args: argparse.Namespace) -> Prior | None:
    text = args.prior.strip()
    if text == "isotropic":
        return None if args.sigma is None else Isotropic(args.sigma)
    if text == "typical":
        return Typical()
    if text in PRIORS and not Path(text).exists():
        ways = ", ".join(f"--{way}" for way in _WAYS_OF.get(text, ()))
        raise GpffError(
            f"The prior {text} needs its settings; give it as JSON, as `info priors` describes"
            f"{f', or by {ways}' if ways else ''}."
        )
    return prior_from_json(text if text.startswith("{") else _file_text(Path(text)))


def _file_text(path: Path) -> str:
    try:
        if path.stat().st_size > 4 * LONGEST_TEXT:
            raise GpffError(f"{path} is too large for a prior; give a file that was written by this program.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GpffError(
            f"{path} is neither isotropic, covariance, typical nor shape, and cannot be read as a file of a prior; "
            "give one of these names, JSON, or a file that holds JSON."
        ) from error


def _shape(args: argparse.Namespace) -> Prior:
    ratios = SHAPES.get(args.shape) or _shares(args.shape)
    return Shape(ratios, DEFAULT_SIGMA if args.sigma is None else args.sigma)


def _covariance(args: argparse.Namespace) -> Prior:
    return Covariance(*parse_covariance(args.covariance))


def parse_covariance(text: str) -> tuple[float, float, float, float, float, float]:
    """Three variances, or all six entries, of a symmetric matrix in Å²."""
    try:
        entries = [float(word) for word in text.split(",")]
    except ValueError:
        entries = []
    if len(entries) not in (3, 6):
        raise GpffError(
            f"The covariance {text!r} is not three or six numbers separated by commas; give xx,yy,zz or "
            "xx,yy,zz,xy,xz,yz in Å², for example 9,1,1."
        )
    xx, yy, zz, xy, xz, yz = entries + [0.0] * (6 - len(entries))
    return xx, yy, zz, xy, xz, yz


def _shares(text: str) -> tuple[float, float, float]:
    try:
        a, b, c = (float(word) for word in text.split(","))
    except ValueError as error:
        raise GpffError(
            f"The shape {text!r} cannot be read; give {', '.join(SHAPES)}, or three shares such as 0.7,0.2,0.1."
        ) from error
    return a, b, c


def _first(path: Path) -> Structure:
    return next(read_structures(path))


def _spread(args: argparse.Namespace) -> float:
    return DEFAULT_SPREAD if args.spread is None else float(args.spread)


_WAYS: Final[dict[str, Callable[[argparse.Namespace], Prior | None]]] = {
    "prior": _named,
    "covariance": _covariance,
    "shape": _shape,
    "like": lambda args: Covariance.of_positions(_first(args.like).positions),
    "points": lambda args: PointCloud.of(read_points(args.points), _spread(args)),
    "curve": lambda args: Curve.of(read_points(args.curve), _spread(args)),
    "inside": lambda args: PointCloud.of(points_inside(args.inside, N_MESH_POINTS, args.seed), _spread(args)),
    "start": _start,
    "sigma": lambda args: Isotropic(args.sigma),
}
"""Every option that names a prior, and what it makes of its value."""
