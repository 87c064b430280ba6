"""Which structures are looked for, in what order: filters as data, and their SQL.

Text from people is only ever a parameter of the SQL; names of columns come from the tables of `columns`.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from rdkit import Chem, rdBase

from gpff_app.library.columns import COLUMNS, NUMBERS
from gpff_core.errors import GpffError

SCAFFOLDS: Final = {
    "kept": "scaffold = 'kept'",
    "lost": "scaffold NOT IN ('', 'kept')",
    "none": "scaffold = ''",
}
"""What may be asked about the scaffold, and its condition."""

MAX_SMARTS_LENGTH: Final = 300

_TEXTS: Final = " OR ".join(
    f"instr(lower({name}), lower(:text)) > 0" for name in ("formula", "note", "reason", "scaffold", "run")
)

_CONDITIONS: Final = {
    "formula": "formula = :formula",
    "run": "run = :run",
    "novelty": "novelty IN (SELECT value FROM json_each(:novelty))",
    "shape": "shape IN (SELECT value FROM json_each(:shape))",
    "since": "created >= :since",
    "until": "created < :until",
    "favourites": "favourite",
    "text": f"(instr(smiles, :text) > 0 OR {_TEXTS})",
    "substructure": "valid AND has_substructure(smiles, :substructure)",
}
"""Conditions of a query by the field that asks for them, where it is not empty."""


@dataclass(frozen=True)
class Range:
    """A number that must lie from `low` to `high`; None is no limit."""

    column: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.column not in NUMBERS:
            raise GpffError(f"{self.column!r} is no number of the library; choose one of {', '.join(NUMBERS)}.")
        if self.low is not None and self.high is not None and self.low > self.high:
            title = NUMBERS[self.column].title
            raise GpffError(f"{title} from {self.low:g} to {self.high:g} is empty; swap the two numbers.")


@dataclass(frozen=True)
class Query:
    """Every condition must hold; what is empty or None is no condition.

    `since` and `until` are moments in UTC (ISO 8601), the second excluded; `text` is looked for in SMILES, formula,
    note, reason, scaffold and run; `substructure` is a SMARTS; `among` are identifiers. With `merged`, valid structures
    of equal SMILES are one: the favourite, or the first.
    """

    text: str = ""
    formula: str = ""
    substructure: str = ""
    valid: bool | None = None
    novelty: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    scaffold: str = ""
    run: str = ""
    since: str = ""
    until: str = ""
    favourites: bool = False
    ranges: tuple[Range, ...] = ()
    among: tuple[int, ...] | None = None
    merged: bool = False
    sort: str = "created"
    descending: bool = True

    def __post_init__(self) -> None:
        if self.sort not in COLUMNS:
            raise GpffError(f"{self.sort!r} is no column of the library; choose one of {', '.join(COLUMNS)}.")
        if self.substructure:
            pattern(self.substructure)

    def found(self) -> tuple[str, dict[str, Any]]:
        """A SELECT of `id` and `copies` of what is found, and its parameters."""
        conditions, values = self._conditions()
        rows = f"SELECT id, 1 AS copies FROM structure WHERE {conditions}"
        if self.merged:
            rows = (
                "SELECT id, copies FROM (SELECT id, count(*) OVER same AS copies, "
                "row_number() OVER (same ORDER BY favourite DESC, id) AS place "
                f"FROM structure WHERE {conditions} "
                "WINDOW same AS (PARTITION BY CASE valid WHEN 1 THEN smiles ELSE id END)) WHERE place = 1"
            )
        return rows, values

    def order_by(self) -> str:
        """What follows ORDER BY: what has no value comes last, and what is equal, newest first."""
        direction = "DESC" if self.descending else "ASC"
        return f"{self.sort} IS NULL OR {self.sort} = '', {self.sort} {direction}, id DESC"

    def _conditions(self) -> tuple[str, dict[str, Any]]:
        """What must hold, joined by AND, and the values of its parameters."""
        conditions = ["deleted IS NULL", *(text for name, text in _CONDITIONS.items() if getattr(self, name))]
        if self.valid is not None:
            conditions.append("valid = :valid")
        if self.among is not None:
            conditions.append("id IN (SELECT value FROM json_each(:among))")
        if self.scaffold:
            conditions.append(SCAFFOLDS[self.scaffold])
        limits = {}
        for number, one in enumerate(self.ranges):
            for name, sign, limit in ((f"low{number}", ">=", one.low), (f"high{number}", "<=", one.high)):
                if limit is not None:
                    conditions.append(f"{one.column} {sign} :{name}")
                    limits[name] = limit
        return " AND ".join(conditions), {**self._values(), **limits}

    def _values(self) -> dict[str, Any]:
        names = ("formula", "valid", "run", "since", "until", "text", "substructure")
        lists = {name: json.dumps(getattr(self, name)) for name in ("novelty", "shape", "among")}
        return {**{name: getattr(self, name) for name in names}, **lists}


@lru_cache(maxsize=64)
def pattern(smarts: str) -> Chem.Mol:
    """A substructure to look for; GpffError for text that is no SMARTS."""
    with rdBase.BlockLogs():
        found = Chem.MolFromSmarts(smarts) if len(smarts) <= MAX_SMARTS_LENGTH else None
    if found is None or not found.GetNumAtoms():
        raise GpffError(
            f"{smarts[:40]} is not a SMARTS pattern of up to {MAX_SMARTS_LENGTH} characters; "
            "try one such as c1ccccc1 or [OX2H]."
        )
    return found


@lru_cache(maxsize=100_000)
def has_substructure(smiles: str, smarts: str) -> bool:
    """Whether the molecule of a canonical SMILES contains a pattern; for SQLite, which asks again and again."""
    molecule: Chem.Mol | None = Chem.MolFromSmiles(smiles)
    return molecule is not None and bool(molecule.HasSubstructMatch(pattern(smarts)))
