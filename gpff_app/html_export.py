"""Molecules as one HTML file that opens from disk with no network: 3D view, drawings, provenance."""

from collections.abc import Sequence

from gpff_app.gallery import cards
from gpff_app.offline_page import offline_page
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.writing import samples_as_text
from gpff_core.samples import Sample


def samples_as_html(samples: Sequence[Sample], provenance: Provenance) -> str:
    """A page of these samples (at least one)."""
    formulas = ", ".join(sorted({sample.composition.formula for sample in samples}))
    n_valid = sum(sample.verdict.valid for sample in samples)
    return offline_page(
        "molecules",
        title=formulas,
        summary=f"{len(samples)} structures, {n_valid} of them valid molecules",
        origin=provenance.as_dict(),
        data=_molecules(samples, provenance),
        scripts={"library": "3Dmol-min.js"},
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
