"""What the library knows about a structure in numbers: one line here is a column, a filter and an axis."""

from dataclasses import dataclass
from typing import Final

from gpff_core.chemistry.properties import SA_SCORE_MISSING


@dataclass(frozen=True)
class Column:
    """A number of a structure; `digits` are those after the point."""

    label: str
    help: str
    unit: str = ""
    digits: int = 0

    @property
    def title(self) -> str:
        """Label with unit, as an axis or a filter is called."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


NUMBERS: Final = {
    "qed": Column(
        "QED", "Quantitative estimate of drug-likeness, from 0 (not like a drug) to 1 (Bickerton 2012).", digits=2
    ),
    "logp": Column("logP", "Octanol–water partition, by Crippen's atom contributions; above 0 prefers fat.", digits=2),
    "tpsa": Column("TPSA", "Topological polar surface area of nitrogen and oxygen (Ertl 2000).", "Å²", 1),
    "sa_score": Column(
        "SA score",
        f"Synthetic accessibility, from 1 (easy) to 10 (hard to make) (Ertl 2009); empty if {SA_SCORE_MISSING}.",
        digits=2,
    ),
    "strain": Column(
        "Strain",
        "What relaxing with GFN2-xTB releases; small is good. Computed on demand: select structures, then Strain.",
        "kcal/mol",
        1,
    ),
    "weight": Column("Weight", "Molar mass.", "g/mol", 1),
    "n_atoms": Column("Atoms", "All atoms, with hydrogens."),
    "n_heavy": Column("Heavy atoms", "Atoms that are not hydrogen."),
    "n_rings": Column("Rings", "Smallest rings."),
    "npr1": Column("NPR1", "I₁/I₃ of the principal moments of inertia: 0 rod, ½ disc, 1 ball.", digits=2),
    "npr2": Column("NPR2", "I₂/I₃ of the principal moments of inertia: 1 rod, ½ disc, 1 ball.", digits=2),
    "n_evaluations": Column("Network calls", "How often the network was asked to make it; 0 for what was imported."),
}

WORDS: Final = {
    "formula": Column("Formula", "Atoms of each element."),
    "novelty": Column(
        "Novelty", "★ new: not in the training data, judged by which atoms are bonded; stereo is ignored."
    ),
    "shape": Column("Shape", "The nearest of rod, disc and ball, by principal moments of inertia."),
    "scaffold": Column("Scaffold", "Whether the molecule kept the scaffold it was grown on."),
    "created": Column("Date", "When it was made."),
    "note": Column("Note", "What you wrote about it."),
}

COLUMNS: Final = {**WORDS, **NUMBERS}
"""All that can be shown in the table and sorted by."""

NOVELTY: Final = {"novel": "★ new", "known": "known", "undetermined": "unknown"}
"""What a novelty of the library is called."""

SHOWN_AT_FIRST: Final = ("formula", "novelty", "qed", "logp", "tpsa", "sa_score", "shape", "created")
