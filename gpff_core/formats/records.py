"""What every written format gets: a sample, how it was made, and what else is known or noted about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gpff_core.formats.provenance import NAMES, Provenance, one_line
from gpff_core.samples import Sample

SAMPLE_FACTS: Final = ("index", "formula", "valid", "smiles", "reason", "novelty", "n_evaluations", "scaffold")
"""The names `Sample.facts` gives."""

Fact = str | int | float | bool
"""A value that every format can hold."""


@dataclass(frozen=True, eq=False)
class Record:
    """One structure of a file, whose structures may come from different runs; `said` are further facts by name."""

    sample: Sample
    provenance: Provenance
    said: Mapping[str, Fact] = field(default_factory=dict)

    def facts(self) -> dict[str, Fact]:
        """Everything about it but the coordinates, texts in a single line: sample, further facts, provenance."""
        facts: dict[str, Fact] = {**self.sample.facts(), **self.said, **self.provenance.as_dict()}
        return {name: one_line(value) if isinstance(value, str) else value for name, value in facts.items()}


def records_of(samples: Iterable[Sample], provenance: Provenance) -> list[Record]:
    """Samples that were made together."""
    return [Record(sample, provenance) for sample in samples]


def columns(records: Iterable[Record]) -> list[str]:
    """The names of all facts, in order; further facts of any record stand between the sample's and the provenance's."""
    further = dict.fromkeys(name for record in records for name in record.said)
    return [*SAMPLE_FACTS, *(name for name in further if name not in (*SAMPLE_FACTS, *NAMES)), *NAMES]
