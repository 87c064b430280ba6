"""Options that several commands share."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import torch

from gpff_core.cli.prior_options import add_prior, prior_of
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path
from gpff_core.recipe import PRESETS, Recipe
from gpff_core.samplers import REHEAT_STEPS, SAMPLERS
from gpff_core.samplers.settings import SETTINGS, settings_of

LARGEST_SEED: Final = 2**63 - 1
"""What every format can write."""

OF_A_PRESET: Final = ("sampler", "steps", "reheat")
"""What a preset says; where one of these is given, none is taken that was not asked for."""


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, metavar="NAME|PATH", help=f"weights (default {DEFAULT_CHECKPOINT})"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, … (default cpu)")


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Sampler, prior and seed."""
    how = parser.add_argument_group("sampler (`info samplers` explains them)")
    how.add_argument(
        "--preset",
        metavar="|".join(PRESETS),
        help="sampler, steps and rounds of reheating as the app has them; where none of these three is given fast, and "
        "best with --scaffold",
    )
    how.add_argument("--sampler", metavar="NAME", help=", ".join(SAMPLERS) + " (direct if only others are given)")
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
        metavar="ROUNDS",
        help="shake what is not valid, or lost its scaffold, and let it settle again, up to so many times "
        f"({REHEAT_STEPS} network calls each)",
    )
    add_prior(parser)
    parser.add_argument("--seed", type=int, default=0, help="same seed, same molecules (default 0)")


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The validated recipe of `sample`'s arguments; builds prior and sampler so that bad numbers are refused now."""
    if not 0 <= args.seed <= LARGEST_SEED:
        raise GpffError(f"The seed is {args.seed}; it must be a whole number from 0 to {LARGEST_SEED}.")
    settings = {name: getattr(args, name) for name in SETTINGS if getattr(args, name) is not None}
    own = {name: getattr(args, name) for name in OF_A_PRESET if getattr(args, name) is not None}
    frozen = args.scaffold is not None
    recipe = replace(_preset(args, own), **own, settings=settings, seed=args.seed, frozen=frozen)
    recipe = replace(recipe, prior=prior_of(args, recipe.usual_start))
    if recipe.build_prior().scale > 0 or args.start is None:  # a start waits for the network to see its noise
        recipe.build_sampler()
    return recipe


def _preset(args: argparse.Namespace, own: Mapping[str, object]) -> Recipe:
    """What the run would be if nothing else were said; `own` is what of a preset is given by itself."""
    name = args.preset or ("" if own else "fast" if args.scaffold is None else "best")
    if name and name not in PRESETS:
        raise GpffError(f"There is no preset called {name!r}; choose one of {', '.join(PRESETS)}.")
    return PRESETS[name] if name else Recipe()


def checkpoint_of(args: argparse.Namespace) -> Checkpoint:
    return load_checkpoint(checkpoint_path(args.checkpoint), device_of(args.device))


def device_of(name: str) -> torch.device:
    """A device that exists on this machine."""
    try:
        device = torch.device(name)
        if torch.empty(1, device=device).is_meta:
            raise RuntimeError("it holds no numbers")
    except (RuntimeError, AssertionError) as error:
        raise GpffError(f"The device {name!r} is not available here; use --device cpu.") from error
    return device
