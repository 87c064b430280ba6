"""What became of a prior: where the molecules of a try-out landed, how far they moved, which are valid."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import pandas as pd
import streamlit as st

from gpff_app.prior_studio.cloud import starts
from gpff_app.prior_studio.controls import temperature
from gpff_app.prior_studio.triangle import Place, in_words, place_of_covariance
from gpff_app.prior_studio.triangle_chart import TRIANGLE_HELP, Landing, landings_triangle
from gpff_app.run import Order
from gpff_app.session import Workplace
from gpff_core.chemistry.shape import moment_ratios, rmsd
from gpff_core.priors import Prior
from gpff_core.samples import Sample

MOVED_HELP = (
    "Root mean square distance of the atoms from where they started, after laying the result over the start: turning "
    "and drifting as a whole do not count."
)


@dataclass(frozen=True)
class Outcome:
    """One molecule of a try-out; `moved` is an RMSD in Å."""

    sample: Sample
    start: Place
    end: Place
    moved: float


def outcomes(order: Order, samples: Sequence[Sample]) -> list[Outcome]:
    """What became of each molecule; atoms weigh by their masses in the triangle, as they do for any molecule."""
    numbers = order.composition.numbers
    if len(numbers) < 2:
        return []
    begun = starts(order.recipe.build_prior(), order.composition, order.n_molecules, order.recipe.seed)
    return [
        Outcome(
            sample,
            moment_ratios(numbers, begun[sample.index]),
            moment_ratios(numbers, sample.positions),
            rmsd(begun[sample.index], sample.positions),
        )
        for sample in samples
    ]


def summary(found: Sequence[Outcome]) -> str:
    """The outcome in one sentence."""
    n_valid = sum(outcome.sample.verdict.valid for outcome in found)
    begun, ended = (_middle([getattr(outcome, end) for outcome in found]) for end in ("start", "end"))
    return (
        f"**{n_valid} of {len(found)} valid**, moved {median(outcome.moved for outcome in found):.2f} Å (median). "
        f"They began as {_named(begun)} and landed as {_named(ended)}."
    )


def show_outcome(place: Workplace) -> None:
    """The triangle and the table of a try-out, once there are molecules."""
    run = place.run
    if run is None or not run.samples:
        st.caption("Where the molecules land between rod, disc and ball is shown here when the try-out has ended.")
        return
    found = outcomes(run.order, run.samples)
    if not found:
        st.caption("A single atom has no shape; try a larger formula.")
        return
    st.markdown(summary(found), help=f"Moved: {MOVED_HELP}\n\nIn brackets NPR1 and NPR2. {TRIANGLE_HELP}")
    landings = [
        Landing(f"molecule {one.sample.index + 1}", one.start, one.end, one.sample.verdict.valid) for one in found
    ]
    prior = place_of_covariance(run.request.prior.covariance)
    landings_triangle(prior, landings, key=f"landings {run.recording.run}")
    st.dataframe(as_table(found), hide_index=True, column_config=_COLUMNS)


def as_table(found: Sequence[Outcome]) -> pd.DataFrame:
    """A row a molecule."""
    return pd.DataFrame(
        {
            "#": [one.sample.index + 1 for one in found],
            "valid": ["✓" if one.sample.verdict.valid else "✗" for one in found],
            "moved": [one.moved for one in found],
            "shape": [in_words(one.end) for one in found],
            "NPR1": [one.end[0] for one in found],
            "NPR2": [one.end[1] for one in found],
            "molecule": [one.sample.verdict.smiles or one.sample.verdict.reason for one in found],
        }
    )


_COLUMNS = {
    "#": st.column_config.NumberColumn(width=30, help="Its number in the run."),
    "valid": st.column_config.TextColumn(width=45, help="Whether the atoms can be joined into one neutral molecule."),
    "moved": st.column_config.NumberColumn("moved (Å)", format="%.2f", width=75, help=MOVED_HELP),
    "shape": st.column_config.TextColumn(width=150, help="The corner of the triangle it is nearest to."),
    "NPR1": st.column_config.NumberColumn(format="%.2f", width=55, help="I₁/I₃, smallest by largest principal moment."),
    "NPR2": st.column_config.NumberColumn(format="%.2f", width=55, help="I₂/I₃, middle by largest principal moment."),
    "molecule": st.column_config.TextColumn(help="Its SMILES, or why it is not valid."),
}


def facts(prior: Prior) -> str:
    """A prior in a few figures: size, temperature, shape."""
    place = place_of_covariance(prior.covariance)
    return f"σ {prior.scale:.2f} Å · kT {temperature(prior.scale):.2f} Å² · {in_words(place)}"


def _middle(places: Sequence[Place]) -> Place:
    x, y = np.median(np.array(places), axis=0)
    return float(x), float(y)


def _named(place: Place) -> str:
    return f"{in_words(place)} ({place[0]:.2f}, {place[1]:.2f})"
