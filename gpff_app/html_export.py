"""Molecules as one HTML file that opens from disk with no network: 3D view, drawings, provenance."""

import html
import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Final

from gpff_app.gallery import cards
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.writing import samples_as_text
from gpff_core.samples import Sample

_TEMPLATE: Final = Path(__file__).with_name("templates") / "molecules.html"
_LIBRARY: Final = Path(__file__).parents[1] / "static" / "3Dmol-min.js"


def samples_as_html(samples: Sequence[Sample], provenance: Provenance) -> str:
    """A page of these samples (at least one)."""
    formulas = ", ".join(sorted({sample.composition.formula for sample in samples}))
    n_valid = sum(sample.verdict.valid for sample in samples)
    facts = "\n".join(f"{name}: {value}" for name, value in provenance.as_dict().items() if value != "")
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=html.escape(f"{formulas} – GPFF Studio"),
        summary=html.escape(f"{len(samples)} structures, {n_valid} of them valid molecules"),
        provenance=html.escape(facts),
        library=_LIBRARY.read_text(encoding="utf-8").replace("</", "<\\/"),  # nothing may end its script element
        molecules=json.dumps(_molecules(samples, provenance)).replace("<", "\\u003c"),
    )


def _molecules(samples: Sequence[Sample], provenance: Provenance) -> list[dict[str, str]]:
    return [
        {
            "name": f"{sample.composition.formula} {sample.index + 1}: {'valid' if card['valid'] else 'not valid'}",
            "smiles": card["smiles"],
            "reason": card["reason"],
            "novelty": card["novelty"],
            "drawing": card["drawing"],
            "format": "sdf" if card["valid"] else "xyz",
            "structure": samples_as_text(".sdf" if card["valid"] else ".xyz", [sample], provenance),
        }
        for sample, card in zip(samples, cards(samples), strict=True)
    ]
