"""Options that several commands share."""

import argparse

import torch

from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path
from gpff_core.recipe import SCHEDULES, Recipe
from gpff_core.samplers import SAMPLERS


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, metavar="NAME|PATH", help=f"weights (default {DEFAULT_CHECKPOINT})"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, … (default cpu)")


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Sampler, prior and seed."""
    how = parser.add_argument_group("sampler")
    how.add_argument("--sampler", choices=list(SAMPLERS), default="direct")
    how.add_argument("--steps", type=int, help="sampler steps; a step of heun is two network calls")
    how.add_argument("--stochastic-lambda", type=float, metavar="Å", help="direct: λ, how hard structures are shaken")
    how.add_argument("--kappa", type=float, help="self-paced: share of the removed noise that is put back")
    how.add_argument("--sigma-stop", type=float, metavar="Å", help="self-paced: a molecule is done below this σ̂")
    how.add_argument("--schedule", choices=SCHEDULES, help="ancestral, heun: spacing of the noise levels")
    how.add_argument("--rho", type=float, help="Karras schedule: ρ (default 7)")
    how.add_argument("--sigma-min", type=float, metavar="Å", help="ancestral, heun: last noise level (default 0.02)")
    how.add_argument("--churn", type=float, help="heun: S_churn of Karras et al. (default 0)")
    where = parser.add_argument_group("prior")
    where.add_argument("--prior", choices=("isotropic", "covariance"), help="shape of the starting cloud")
    where.add_argument("--sigma", type=float, metavar="Å", help="isotropic: standard deviation of a coordinate")
    where.add_argument(
        "--covariance", metavar="xx,yy,zz[,xy,xz,yz]", help="covariance: entries in Å², symmetric positive-definite"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same molecules (default 0)")


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The validated recipe of parsed arguments; builds prior and sampler once so that bad numbers are refused now."""
    if args.prior == "covariance" and args.covariance is None:
        raise GpffError("--prior covariance needs the matrix; add --covariance xx,yy,zz or xx,yy,zz,xy,xz,yz in Å².")
    if args.prior == "isotropic" and args.covariance is not None:
        raise GpffError(
            "--covariance belongs to --prior covariance, but --prior isotropic was given; drop one of them."
        )
    if args.seed < 0:
        raise GpffError(f"The seed is {args.seed}; it must be 0 or a positive whole number.")
    recipe = Recipe(
        sampler=args.sampler,
        steps=args.steps,
        sigma=args.sigma,
        covariance=parse_covariance(args.covariance) if args.covariance is not None else None,
        stochastic_lambda=args.stochastic_lambda,
        kappa=args.kappa,
        sigma_stop=args.sigma_stop,
        schedule=args.schedule,
        rho=args.rho,
        sigma_min=args.sigma_min,
        churn=args.churn,
        seed=args.seed,
    )
    recipe.prior()
    recipe.build_sampler()
    return recipe


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


def checkpoint_of(args: argparse.Namespace) -> Checkpoint:
    return load_checkpoint(checkpoint_path(args.checkpoint), device_of(args.device))


def device_of(name: str) -> torch.device:
    """A device that exists on this machine."""
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise GpffError(f"The device {name!r} is not available here; use --device cpu.") from error
    return device
