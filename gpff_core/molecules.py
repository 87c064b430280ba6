"""What a molecule is made of, and how molecules of different sizes share one set of arrays.

Notation used throughout the library: `A` atoms in a batch, `M` molecules in it, `N` atoms in one molecule. Positions
are in Å. What is given is stored here: who the atoms are, and where some of them are pinned; what is generated is not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gpff_core.composition import Composition as Composition


@dataclass(frozen=True, eq=False)
class Pins:
    """Springs from atoms to given places, in units of the pseudo-energy's own spring ‖X − X₀‖².

    `stiffness` (A, 1) is 0 for an atom that is free and infinite for one that is frozen; `anchors` (A, 3) in Å is where
    the spring is fixed, and means nothing for a free atom.
    """

    stiffness: Tensor
    anchors: Tensor

    @cached_property
    def pinned(self) -> Tensor:
        """(A, 1), true for an atom with a spring of any stiffness."""
        return self.stiffness > 0

    @cached_property
    def frozen(self) -> Tensor:
        """(A, 1), true for an atom that never moves."""
        return torch.isinf(self.stiffness)

    @cached_property
    def hold(self) -> Tensor:
        """k/(1 + k), (A, 1): the share of the way from the predicted equilibrium to the anchor; 1 for a frozen atom."""
        return torch.where(self.frozen, 1.0, self.stiffness / (1 + self.stiffness))

    @cached_property
    def mobility(self) -> Tensor:
        """1/√(1 + k), (A, 1): thermal motion at a temperature, against that of a free atom; 0 for a frozen atom."""
        return (1 + self.stiffness).rsqrt()


@dataclass(frozen=True, eq=False)
class AtomBatch:
    """The atoms of several molecules, one after another.

    `numbers` (A,) are atomic numbers; `molecule` (A,) says which molecule, 0 … M−1, each atom belongs to, and never
    decreases; `pins` hold some of the atoms where they are. Everything that depends only on these (counts, the padded
    layout) is computed once here and reused by every network call of a run.
    """

    numbers: Tensor
    molecule: Tensor
    pins: Pins | None = None

    @classmethod
    def from_compositions(cls, compositions: Sequence[Composition], device: torch.device | str = "cpu") -> "AtomBatch":
        counts = torch.tensor([len(composition) for composition in compositions], device=device)
        numbers = torch.tensor([z for composition in compositions for z in composition.numbers], device=device)
        return cls(numbers, torch.repeat_interleave(torch.arange(len(counts), device=device), counts))

    def freezing(self, atoms: Collection[int], x: Tensor) -> "AtomBatch":
        """The same atoms, of which these are frozen where they are in x (A, 3), and no others."""
        if not atoms:
            return AtomBatch(self.numbers, self.molecule)
        stiffness = torch.zeros(self.n_atoms, 1, device=x.device)
        stiffness[sorted(atoms)] = torch.inf
        return AtomBatch(self.numbers, self.molecule, Pins(stiffness, x))

    @cached_property
    def n_molecules(self) -> int:
        return int(self.molecule[-1]) + 1 if len(self.molecule) else 0

    @property
    def n_atoms(self) -> int:
        return len(self.numbers)

    @cached_property
    def counts(self) -> Tensor:
        """Atoms of each molecule (M,)."""
        return torch.bincount(self.molecule, minlength=self.n_molecules)

    @cached_property
    def sizes(self) -> list[int]:
        return [int(count) for count in self.counts]

    @cached_property
    def slot(self) -> Tensor:
        """Where each atom stands in the padded layout (M × longest), as a flat index (A,)."""
        starts = torch.cumsum(self.counts, 0) - self.counts
        within = torch.arange(self.n_atoms, device=self.numbers.device) - starts[self.molecule]
        return self.molecule * self.longest + within

    @cached_property
    def longest(self) -> int:
        return max(self.sizes)

    @cached_property
    def padded_numbers(self) -> Tensor:
        """Atomic numbers (M, longest), 0 where there is no atom."""
        return self.pad(self.numbers)

    @cached_property
    def padded_held(self) -> Tensor:
        """(M, longest, 1), true for atoms that pins hold: frozen, or on a spring of any stiffness (ADR 23, 24)."""
        free = torch.zeros_like(self.numbers, dtype=torch.bool)[:, None]
        return self.pad(free if self.pins is None else self.pins.pinned)

    def pad(self, values: Tensor) -> Tensor:
        """(A, …) → (M, longest, …), zero where there is no atom."""
        padded = values.new_zeros((self.n_molecules * self.longest, *values.shape[1:]))
        padded[self.slot] = values
        return padded.view(self.n_molecules, self.longest, *values.shape[1:])

    def unpad(self, padded: Tensor) -> Tensor:
        """(M, longest, …) → (A, …), the inverse of `pad`."""
        return padded.flatten(0, 1)[self.slot]

    def total(self, values: Tensor) -> Tensor:
        """Sum over the atoms of each molecule: (A, …) → (M, …)."""
        sums = values.new_zeros((self.n_molecules, *values.shape[1:]))
        return sums.index_add_(0, self.molecule, values)

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the atoms of each molecule: (A, …) → (M, …)."""
        return self.total(values) / self.counts.view(-1, *[1] * (values.dim() - 1))

    @cached_property
    def floating(self) -> Tensor:
        """(M, 1), 1 for a molecule that nothing holds in place and 0 for one with pins."""
        if self.pins is None:
            return self.numbers.new_ones((self.n_molecules, 1))
        return (self.total(self.pins.pinned.long()) == 0).long()

    @cached_property
    def degrees_of_freedom(self) -> Tensor:
        """Coordinates that noise can move, (M,): 3 for each free atom, less 3 where the centre floats.

        An atom on a spring counts by the share 1/(1 + k) that its spring leaves of the variance, a frozen one not.
        """
        moving = self.counts if self.pins is None else self.total(self.pins.mobility.square()).squeeze(-1)
        return 3 * (moving - self.floating.squeeze(-1))

    @cached_property
    def hidden_rotations(self) -> Tensor:
        """Turns that move atoms but leave every distance as it is, (M,): 3, of two atoms 2, less what pins stop."""
        turns = self.counts.new_tensor([0, 0, 2, 3])  # of so many points, three or more not all on a line
        hidden = turns[self.counts.clamp(max=3)]
        if self.pins is None:
            return hidden
        return hidden - turns[self.total(self.pins.pinned.long()).squeeze(-1).clamp(max=3)]

    def centred(self, values: Tensor) -> Tensor:
        """Values less their molecule's mean, (A, …)."""
        return values - self.mean(values)[self.molecule]

    def select(self, molecules: Sequence[int]) -> "AtomBatch":
        """The batch of some of its molecules, in the order given (ascending)."""
        places = self.split(torch.arange(self.n_atoms, device=self.numbers.device))
        chosen = torch.cat([places[m] for m in molecules])
        counts = torch.tensor([self.sizes[m] for m in molecules], device=self.numbers.device)
        return AtomBatch(
            self.numbers[chosen],
            torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts),
            None if self.pins is None else Pins(self.pins.stiffness[chosen], self.pins.anchors[chosen]),
        )

    def split(self, values: Tensor) -> list[Tensor]:
        """(A, …) → one tensor (N, …) per molecule."""
        return list(torch.split(values, self.sizes))
