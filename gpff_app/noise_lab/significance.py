"""Whether one schedule is better than another, or was lucky.

Schedules run from the same seeds, so molecule by molecule they form pairs. Pairs in which both succeed or both fail say
nothing about which is better; the others are coin tosses if neither is (McNemar, Psychometrika 12, 153 (1947); the
exact test is the binomial one). Several comparisons at once are corrected by Holm (Scand. J. Statist. 6, 65 (1979)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest

from gpff_core.evaluation.metrics import Fraction

LEVEL: Final = 0.05
"""Differences that chance makes more seldom than this are called differences."""


@dataclass(frozen=True)
class Paired:
    """Outcomes of two schedules on the same seeds, counted by who succeeded."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @classmethod
    def of(cls, first: Sequence[bool], second: Sequence[bool]) -> "Paired":
        """Of outcomes in the same order (equally many)."""
        pairs = list(zip(first, second, strict=True))
        return cls(*(pairs.count(kind) for kind in ((True, True), (True, False), (False, True), (False, False))))

    @property
    def n(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def first(self) -> Fraction:
        return Fraction(self.both + self.only_first, self.n)

    @property
    def second(self) -> Fraction:
        return Fraction(self.both + self.only_second, self.n)

    @property
    def p_value(self) -> float:
        """How often chance alone splits the pairs that differ at least as unevenly (exact, two-sided)."""
        n_different = self.only_first + self.only_second
        return float(binomtest(self.only_first, n_different).pvalue) if n_different else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of several comparisons made at once, corrected so that all together err as seldom as one."""
    corrected, so_far = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = so_far
    return corrected


def verdict(first: str, second: str, pairs: Paired, p_value: float) -> tuple[str, str]:
    """What the comparison says, as a headline and what it rests on; `p_value` is the corrected one."""
    n_decisive = pairs.only_first + pairs.only_second
    if n_decisive == 0:
        return f"No difference between {first} and {second}.", f"They succeed and fail on the same {pairs.n} seeds."
    ahead, behind = (first, second) if pairs.only_first >= pairs.only_second else (second, first)
    won = max(pairs.only_first, pairs.only_second)
    seeds = "the one seed" if n_decisive == 1 else f"the {n_decisive} seeds"
    counted = f"Of {seeds} on which only one of them made a valid molecule, {ahead} won {won}"
    if pairs.only_first == pairs.only_second:
        return f"{first} and {second} are level.", f"{counted}."
    detail = f"{counted}; equally good schedules would differ as much in {_percent(p_value)} % of comparisons."
    if p_value < LEVEL:
        return f"{ahead} is better than {behind}, beyond chance.", detail
    return f"{ahead} is ahead of {behind}, but that may be chance.", f"{detail} More molecules or seeds would tell."


def _percent(p_value: float) -> str:
    """A p-value for people."""
    if p_value < 0.001:
        return "less than 0.1"
    return f"{100 * p_value:.2g}" if p_value < 0.1 else f"{100 * p_value:.0f}"
