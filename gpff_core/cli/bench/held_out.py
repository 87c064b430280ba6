"""What is measured, and on what: samplers by name, and structures of the test split, drawn at random.

The data set is sorted by size, so its first structures would be the smallest.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.cli.bench.results import names_in
from gpff_core.cli.train import DEFAULT_DATA
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.evaluation.quality import name_in_tables
from gpff_core.formats.structures import Structure
from gpff_core.generation import BatchFinished, GenerationRequest, generate
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.split import Split
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe
from gpff_core.samples import Sample


@cache
def dataset() -> MoleculeDataset:
    """All splits of the QM9 that comes with the program, read once."""
    return MoleculeDataset.from_npz(DEFAULT_DATA)


def drawn_structures(field: Checkpoint, n: int, seed: int) -> list[Structure]:
    """`n` structures of the test split, none twice; GpffError if there are not so many or the network knows less."""
    if seed < 0:
        raise GpffError(f"The seed is {seed}; it must be 0 or a positive whole number.")
    places = dataset().indices_of(Split.TEST).numpy()
    if not 1 <= n <= len(places):
        raise GpffError(
            f"-n is {n}; give 1 to {len(places)}, which is how many the test split holds, or 300 for errors of a few "
            "per cent."
        )
    chosen = np.random.default_rng(seed).choice(places, n, replace=False)
    structures = [_structure(int(place)) for place in chosen]
    check_elements([structure.composition for structure in structures], field.elements, field.name)
    return structures


@dataclass(frozen=True)
class Isomers:
    """Some molecules of one formula, of the `n_known` that the data set has."""

    structures: list[Structure]
    n_known: int


def drawn_isomers(field: Checkpoint, n: int, each: int, seed: int) -> list[Isomers]:
    """`each` molecules, of any split, of each of `n` formulas of the test split that so many molecules have."""
    formulas = _formulas()
    rng = np.random.default_rng(seed)
    found: dict[int, Isomers] = {}
    for place in rng.permutation(dataset().indices_of(Split.TEST).numpy()):
        formula = int(formulas[place])
        members = np.flatnonzero(formulas == formula)
        if formula not in found and len(members) >= each:
            chosen = rng.choice(members, each, replace=False)
            found[formula] = Isomers([_structure(int(member)) for member in chosen], len(members))
        if len(found) == n:
            break
    if not 1 <= n <= len(found):
        raise GpffError(
            f"-n is {n}; give 1 to {len(found)}, which is how many formulas of the test split have {each} molecules."
        )
    check_elements([isomers.structures[0].composition for isomers in found.values()], field.elements, field.name)
    return list(found.values())


def _formulas() -> NDArray[np.int64]:
    """For every structure of the data set a number that only those of the same formula share."""
    qm9 = dataset()
    molecule = torch.repeat_interleave(torch.arange(len(qm9)), qm9.counts)
    counts = torch.zeros(len(qm9), int(qm9.numbers.max()) + 1, dtype=torch.long)
    counts.index_put_((molecule, qm9.numbers), torch.ones_like(molecule), accumulate=True)
    return np.unique(counts.numpy(), axis=0, return_inverse=True)[1].ravel()


def all_structures() -> list[Structure]:
    """The whole test split."""
    return [_structure(int(place)) for place in dataset().indices_of(Split.TEST)]


def add_recipes(parser: argparse.ArgumentParser, samplers: str) -> None:
    """Options that `recipes_of` reads; `samplers` are those that are measured by default."""
    parser.add_argument("--samplers", default=samplers, help=f"separated by commas (default {samplers})")
    parser.add_argument("--calls", type=int, default=60, help="network calls per structure (default 60)")
    parser.add_argument(
        "--reheat", type=int, default=0, metavar="ROUNDS", help="each also with so many rounds of reheating among them"
    )
    parser.add_argument("--seed", type=int, default=0)


def recipes_of(args: argparse.Namespace) -> dict[str, Recipe]:
    """The samplers' default recipes for so many calls, validated, by the names they have in tables."""
    recipes = {
        name_in_tables(name, reheat): Recipe.for_calls(name, args.calls, args.seed, reheat)
        for reheat in dict.fromkeys((0, args.reheat))
        for name in names_in(args.samplers)
    }
    for recipe in recipes.values():
        recipe.build_sampler()
    return recipes


def generated(
    field: Checkpoint,
    compositions: Sequence[Composition],
    recipe: Recipe,
    reference: TrainingReference | None = None,
) -> list[Sample]:
    """One structure for each composition, in their order, with progress on standard error."""
    request = GenerationRequest.of(recipe, compositions)
    samples: list[Sample] = []
    with tqdm(total=len(compositions), unit="molecule", desc=recipe.sampler, disable=None, leave=False) as bar:
        for event in generate(field, request, reference):
            if isinstance(event, BatchFinished):
                samples.extend(event.samples)
                bar.update(len(event.samples))
    n_valid = sum(sample.verdict.valid for sample in samples)
    tqdm.write(f"{recipe.sampler}: {n_valid} of {len(samples)} valid", file=sys.stderr)
    return sorted(samples, key=lambda sample: sample.index)


def _structure(place: int) -> Structure:
    qm9 = dataset()
    composition, start = qm9.composition(place), int(qm9.starts[place])
    return Structure(composition, qm9.positions[start : start + len(composition)].numpy())
