"""What the training set contains: which molecules, and how often each formula.

A molecule is known if the training split holds one with the same canonical SMILES, without stereo marks. Only a 64-bit
hash of each SMILES is kept (8 bytes a molecule; for 10⁵ molecules the chance that a new one is called known by accident
is 10⁻¹⁴), so the whole reference ships with a checkpoint.
"""

import enum
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.verdicts import Verdict
from gpff_core.composition import Composition
from gpff_core.errors import GpffError

N_PROBES: Final = 32
"""Molecules stored as text to notice that this RDKit writes another canonical SMILES than the one that was hashed."""


class Novelty(enum.StrEnum):
    """Whether a generated molecule is in the training set; undetermined where there is no valid molecule."""

    NOVEL = "novel"
    KNOWN = "known"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, eq=False)
class TrainingReference:
    """The molecules and formulas of a training set.

    `hashes` (H,) uint64 are sorted and distinct; `formulas` (F,) are in Hill's notation, with their number of
    structures in `counts` (F,); `probes` are a few of the SMILES behind the hashes.
    """

    hashes: NDArray[np.uint64]
    formulas: NDArray[np.str_]
    counts: NDArray[np.int64]
    probes: NDArray[np.str_]

    @classmethod
    def load(cls, path: Path | str) -> "TrainingReference":
        """Read what `save` wrote; GpffError if the file is missing, damaged, or hashed by another RDKit's SMILES."""
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                reference = cls(*(stored[name] for name in ("hashes", "formulas", "counts", "probes")))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise GpffError(
                f"The training reference {path} is missing or damaged ({error}); fetch it again or rebuild it."
            ) from error
        if not all(reference._contains(canonical_smiles(str(probe))) for probe in reference.probes):
            raise GpffError(
                f"The training reference {path} was built with an RDKit that writes other canonical SMILES than "
                f"version {rdBase.rdkitVersion}; rebuild it, or install the version named in requirements.txt."
            )
        return reference

    def save(self, path: Path | str) -> None:
        np.savez_compressed(path, hashes=self.hashes, formulas=self.formulas, counts=self.counts, probes=self.probes)

    @property
    def n_structures(self) -> int:
        """Structures in the training set (several may be conformers of one molecule)."""
        return int(self.counts.sum())

    def novelty(self, verdict: Verdict) -> Novelty:
        if not verdict.valid:
            return Novelty.UNDETERMINED
        return Novelty.KNOWN if self._contains(verdict.smiles) else Novelty.NOVEL

    def formula_count(self, composition: Composition) -> int:
        """Structures of this composition in the training set."""
        return self._count_of.get(composition.formula, 0)

    def draw_formulas(self, n: int, rng: np.random.Generator) -> list[Composition]:
        """`n` compositions, each with the probability its formula has in the training set."""
        drawn = rng.choice(len(self.formulas), size=n, p=self.counts / self.counts.sum())
        return [parse_formula(str(self.formulas[place])) for place in drawn]

    def similar_formulas(self, composition: Composition, k: int) -> list[tuple[str, int]]:
        """The `k` other formulas of the training set nearest to this one, each with its number of structures.

        Nearest counts the atoms to add or take away; among equally near ones the commonest come first.
        """
        wanted = Counter(composition.numbers)
        distances = {
            formula: sum(abs(wanted[number] - counts[number]) for number in wanted.keys() | counts.keys())
            for formula, counts in self._elements_of.items()
            if formula != composition.formula
        }
        nearest = sorted(distances, key=lambda formula: (distances[formula], -self._count_of[formula], formula))
        return [(formula, self._count_of[formula]) for formula in nearest[:k]]

    def _contains(self, smiles: str) -> bool:
        wanted = smiles_hash(smiles)
        place = int(np.searchsorted(self.hashes, wanted))
        return place < len(self.hashes) and bool(self.hashes[place] == wanted)

    @cached_property
    def _count_of(self) -> dict[str, int]:
        return {str(formula): int(count) for formula, count in zip(self.formulas, self.counts, strict=True)}

    @cached_property
    def _elements_of(self) -> dict[str, Counter[int]]:
        return {formula: Counter(parse_formula(formula).numbers) for formula in self._count_of}


def build_reference(smiles: Iterable[str], compositions: Iterable[Composition]) -> TrainingReference:
    """Reference of a training set from the SMILES and the composition of each of its structures.

    SMILES are brought into the canonical form that `verdict` writes; empty ones (structures nobody could name) count
    among the formulas only.
    """
    canonical = sorted({canonical_smiles(text) for text in set(smiles) if text})
    hashes = np.unique(np.array([smiles_hash(text) for text in canonical], dtype=np.uint64))
    formulas = Counter(composition.formula for composition in compositions)
    return TrainingReference(
        hashes=hashes,
        formulas=np.array(sorted(formulas), dtype=np.str_),
        counts=np.array([formulas[formula] for formula in sorted(formulas)], dtype=np.int64),
        probes=np.array(canonical[:: max(1, len(canonical) // N_PROBES)][:N_PROBES], dtype=np.str_),
    )


def canonical_smiles(smiles: str) -> str:
    """RDKit's canonical SMILES without stereo marks, as `verdict` gives it; GpffError for text that is no SMILES."""
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise GpffError(f"{smiles} is not a SMILES RDKit can read; leave the structure out or correct it.")
    return Chem.MolToSmiles(molecule, isomericSmiles=False)


def smiles_hash(smiles: str) -> np.uint64:
    """The first 64 bits of BLAKE2b, the same on every machine and in every version of Python."""
    return np.uint64(int.from_bytes(hashlib.blake2b(smiles.encode(), digest_size=8).digest(), "big"))
