"""How to make a run again elsewhere: as a command, and as Python."""

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import streamlit as st

from gpff_app.text import plain
from gpff_core.formats.provenance import InputFile
from gpff_core.priors.serialisation import prior_as_json

if TYPE_CHECKING:
    from gpff_app.run import Order

COMMAND_OR_PYTHON: Final = "The same on the command line or in Python"
LONGEST_INLINE: Final = 2_000
"""Characters of a prior's JSON that stand on a command line: enough for a molecule; longer ones become a file."""

PRIOR_FILE: Final = "prior.json"

WHOSE_PYTHON: Final = (
    "Run it in GPFF Studio's folder; `python` is its environment's: `.venv/bin/python` where `make` set it up."
)


def show_command(order: "Order", *, key: str) -> None:
    """An expander with the command line and the Python code of an order, and before them what they need."""
    with st.expander(COMMAND_OR_PYTHON, key=f"{key} command", on_change="rerun") as part:
        if not part.open:  # what colours code is 1.5 MB that a page need not wait for
            return
        show_input_files(input_files(order).values(), key=key)
        show_code(order)


def show_input_files(files: Iterable[InputFile], *, key: str) -> None:
    """The files that a command reads, to be taken along."""
    for number, file in enumerate(files):
        name = plain(file.name)
        st.caption(f"The command reads **{name}**: download it first and put it where you run this.")
        st.download_button(
            f"Download {name}",
            file.text,
            file.name,
            on_click="ignore",
            icon=":material/download:",
            key=f"{key} input file {number}",
        )


def input_files(order: "Order") -> dict[str, InputFile]:
    """The files that the command of an order reads, by their names in `Provenance`."""
    files = {} if order.scaffold is None else {"scaffold_file": order.scaffold.scaffold_file}
    prior = order.recipe.prior
    if any(map(_is_long_prior, order.recipe.options())) and prior is not None:
        files["prior_file"] = InputFile(PRIOR_FILE, prior_as_json(prior) + "\n")
    return files


def show_code(order: "Order", seeds: range | None = None) -> None:
    """The command line and the Python code, to be copied; of an order that was run with several seeds, for all."""
    seeds = seeds or _own_seed(order)
    st.caption(WHOSE_PYTHON)
    st.code(command_lines(order, seeds), language="sh", wrap_lines=True)
    st.code(python_code(order, seeds), language="python", wrap_lines=True)


def command_lines(order: "Order", seeds: range) -> str:
    """The command for one seed, a loop of the shell over several."""
    if len(seeds) == 1:
        return command_line(order)
    words = shlex.split(command_line(order))
    place = words.index(f"--seed={order.recipe.seed}")
    command = f'{shlex.join(words[:place])} --seed="$seed" {shlex.join(words[place + 1 :])}'
    return f"for seed in {' '.join(map(str, seeds))}; do\n  {command}\ndone"


def command_line(order: "Order") -> str:
    """The words of the shell."""
    what = ["--formula", order.composition.formula] if order.scaffold is None else order.scaffold.options()
    how = [f"--prior={PRIOR_FILE}" if _is_long_prior(word) else word for word in order.recipe.options()]
    words = ["python", "-m", "gpff_core", "sample", *what, "-n", str(order.n_molecules), *how]
    return shlex.join([*words, "--checkpoint", order.checkpoint])


def _is_long_prior(word: str) -> bool:
    return word.startswith("--prior={") and len(word) > LONGEST_INLINE


def python_code(order: "Order", seeds: range | None = None) -> str:
    """A script that ends in `samples`, a list of Sample: with the order's own seed, or with all of these."""
    seeds = seeds or _own_seed(order)
    imports, body, molecule, extra = _molecule(order)
    recipe = order.recipe
    settings = [f"{recipe.sampler!r}", f"steps={recipe.n_steps}"]
    if recipe.prior is not None:
        imports.append("from gpff_core.priors.serialisation import prior_from_json")
        written = f"{prior_as_json(recipe.prior)!r}"
        if "prior_file" in input_files(order):
            imports.append("from pathlib import Path")
            written = f'Path("{PRIOR_FILE}").read_text()'
        settings.append(f"prior=prior_from_json({written})")
    if recipe.settings:
        settings.append(f"settings={dict(recipe.settings)!r}")
    if recipe.reheat:
        settings.append(f"reheat={recipe.reheat}")
    if recipe.frozen:
        settings.append("frozen=True")
    imports += [
        "from gpff_core.generation import GenerationRequest, generate, load_reference, samples_of",
        "from gpff_core.networks.checkpoint import load_checkpoint",
        "from gpff_core.networks.shipped import checkpoint_path",
        "from gpff_core.recipe import Recipe",
    ]
    lines = [
        *sorted(imports),
        "",
        *body,
        f"recipe = Recipe({', '.join(settings)}, seed={recipe.seed})",
        f"molecules = ({molecule},) * {order.n_molecules}",
        "prior, sampler = recipe.build_prior(), recipe.build_sampler()",
        f"path = checkpoint_path({order.checkpoint!r})",
        *_run_lines(extra, seeds),
        "for sample in samples:",
        "    print(sample.verdict.smiles or sample.verdict.reason)",
    ]
    return "\n".join(lines) + "\n"


def _own_seed(order: "Order") -> range:
    return range(order.recipe.seed, order.recipe.seed + 1)


def _run_lines(extra: str, seeds: range) -> list[str]:
    """From prior and sampler to the samples; `extra` is what more the request is told."""
    if len(seeds) == 1:
        return [
            f"request = GenerationRequest(molecules, prior, sampler, recipe.seed{extra})",
            "samples = samples_of(generate(load_checkpoint(path), request, load_reference(path)))",
        ]
    return [
        "field, reference = load_checkpoint(path), load_reference(path)",
        "samples = []",
        f"for seed in range({seeds.start}, {seeds.stop}):",
        f"    request = GenerationRequest(molecules, prior, sampler, seed{extra})",
        "    samples += samples_of(generate(field, request, reference))",
    ]


def _molecule(order: "Order") -> tuple[list[str], list[str], str, str]:
    """Imports, lines, the expression of a molecule, and what more the request is told."""
    imports = ["from gpff_core.chemistry.formulas import parse_formula"]
    scaffold = order.scaffold
    if scaffold is None:
        return imports, [], f"parse_formula({order.composition.formula!r})", ""
    imports += [
        "from gpff_core.chemistry.scaffolds import ScaffoldSource",
        "from gpff_core.formats.reading import read_structures",
    ]
    stiffness = f'float("{scaffold.stiffness}")'
    body = [
        f"source = ScaffoldSource(*next(read_structures({scaffold.file_name!r})))",
        f"scaffold = source.scaffold({scaffold.freeze!r}, {stiffness}, {scaffold.attachment!r})",
    ]
    added = f"scaffold.grown_by(parse_formula({scaffold.added.formula!r}))"
    return imports, body, added, ", scaffold=scaffold"
