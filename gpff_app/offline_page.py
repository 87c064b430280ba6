"""Pages that open from disk with no network: a template, with what it needs written into it."""

import html
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

_TEMPLATES: Final = Path(__file__).with_name("templates")
_STATIC: Final = Path(__file__).parents[1] / "static"


def offline_page(
    template: str, *, title: str, summary: str, origin: Mapping[str, Any], data: object, scripts: Mapping[str, str]
) -> str:
    """Fill `templates/{template}.html` in.

    `origin` says how the content was made, one fact a line; `data` is what its script reads, as JSON, under the
    template's own name; `scripts` are files of static/ by the name of their place.
    """
    facts = "\n".join(f"{name}: {value}" for name, value in origin.items() if value != "")
    return Template((_TEMPLATES / f"{template}.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(f"{title} – GPFF Studio"),
        summary=html.escape(summary),
        provenance=html.escape(facts),
        **{template: json.dumps(data).replace("<", "\\u003c")},
        **{place: _inside_script(_STATIC / file) for place, file in scripts.items()},
    )


def _inside_script(file: Path) -> str:
    """The text of a script; nothing may end the element it stands in."""
    return file.read_text(encoding="utf-8").replace("</", "<\\/")
