"""Options that several commands share."""

import argparse
from dataclasses import replace

import torch

from gpff_core.cli.prior_options import add_prior, prior_of
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path
from gpff_core.recipe import Recipe
from gpff_core.samplers import REHEAT_STEPS, SAMPLERS
from gpff_core.samplers.settings import SETTINGS, settings_of


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, metavar="NAME|PATH", help=f"weights (default {DEFAULT_CHECKPOINT})"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, … (default cpu)")


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Sampler, prior and seed."""
    how = parser.add_argument_group("sampler (`info samplers` explains them)")
    how.add_argument("--sampler", default="direct", metavar="NAME", help=", ".join(SAMPLERS) + " (default direct)")
    how.add_argument("--steps", type=int, help="sampler steps; one or two network calls each")
    for name, setting in SETTINGS.items():
        owners = ", ".join(sampler for sampler in SAMPLERS if name in settings_of(SAMPLERS[sampler]))
        how.add_argument(
            f"--{name.replace('_', '-')}",
            type=setting.kind,
            metavar=setting.unit or None,
            help=f"{setting.meaning} ({owners})",
        )
    how.add_argument(
        "--reheat",
        type=int,
        default=0,
        metavar="ROUNDS",
        help="shake what is not valid, or lost its scaffold, and let it settle again, up to so many times "
        f"({REHEAT_STEPS} network calls each; default 0)",
    )
    add_prior(parser)
    parser.add_argument("--seed", type=int, default=0, help="same seed, same molecules (default 0)")


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The validated recipe of `sample`'s arguments; builds prior and sampler so that bad numbers are refused now."""
    if args.seed < 0:
        raise GpffError(f"The seed is {args.seed}; it must be 0 or a positive whole number.")
    settings = {name: getattr(args, name) for name in SETTINGS if getattr(args, name) is not None}
    frozen = args.scaffold is not None
    recipe = Recipe(args.sampler, args.steps, None, settings, args.seed, args.reheat, frozen)
    recipe = replace(recipe, prior=prior_of(args, recipe.usual_start))
    if recipe.build_prior().scale > 0 or args.start is None:  # a start waits for the network to see its noise
        recipe.build_sampler()
    return recipe


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
