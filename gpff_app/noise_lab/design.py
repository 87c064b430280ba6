"""The design of schedules: presets to start from, their figures, and what each will cost."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from gpff_app.kept import key
from gpff_app.noise_lab.comparison import Plan
from gpff_app.noise_lab.cost import in_words, measured_call
from gpff_app.noise_lab.editor import PAGE, store
from gpff_app.noise_lab.figures import X_AXES, Line, added_figure, schedules_figure
from gpff_app.noise_lab.ideal import IdealWalk, ideal_walk
from gpff_app.noise_lab.schedules import LETTERS, PRESETS, Schedule, of_preset, preset_of
from gpff_app.recipe_controls import SAMPLER_TEXT
from gpff_core.errors import GpffError

PLOT: Final = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]}

SIGMA_HELP: Final = (
    "**σ** is how far, in Å, a coordinate typically is from where it belongs: 10 Å is a cloud far larger than a small "
    "molecule, 0.02 Å less than a bond vibrates. A schedule is the list of levels at which the network is asked where "
    "the atoms belong; after the last one they jump there. The right axis reads the same as a temperature, kT = 2σ². "
    "Drawn is what the schedule asks for; where even perfect predictions would leave another level, a thin dotted "
    "line shows it. Direct denoising is shaken by λ(1 − k/K) before step k; schedules that read σ̂ off the molecule "
    "take their own pace."
)
ADDED_HELP: Final = (
    "Noise put back between two looks, by *churn*, *λ*, *κ* or the sampler's own randomness. It lets a structure leave "
    "a mistake, and costs steps to remove again. Flows (Heun without churn, Euler, multistep) add none."
)


def presets(schedules: Sequence[Schedule]) -> None:
    """Buttons, because they hold no state: it is the schedules that say which preset is in force, if any."""

    def load(name: str) -> None:
        store(of_preset(name), 0)

    in_force = preset_of(schedules)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            ":small[Start from]", width="content", help="Each asks a question of its own; change what you like."
        )
        for name in PRESETS:
            text = f"✓ {name}" if name == in_force else name
            st.button(text, key=f"noise preset {name}", on_click=load, args=[name], help=PRESETS[name].question)
    if in_force:
        st.caption(PRESETS[in_force].question)


@st.cache_data(max_entries=500, show_spinner=False)
def _walk(what: str, _schedule: Schedule) -> IdealWalk:
    """`what` tells walks apart: sampler and prior with all their settings."""
    return ideal_walk(_schedule.recipe())


def lines_of(schedules: Sequence[Schedule]) -> list[Line]:
    """Those that fit together; what is wrong with another is said beside the button that would run it."""
    lines = []
    for place, schedule in enumerate(schedules):
        try:
            recipe = schedule.recipe()
            walk = _walk(f"{recipe.build_sampler()} {recipe.build_prior()}", schedule)
        except GpffError:
            continue
        lines.append(Line(place, f"{LETTERS[place]} · {schedule.title}", walk))
    return lines


def _x_axis() -> str:
    """Against what figures are drawn."""
    return str(
        st.segmented_control(
            "Draw against",
            list(X_AXES),
            format_func=lambda axis: {"calls": "Network calls", "step": "Steps"}[axis],
            key=key(PAGE, "x axis", first="calls"),
            persist_state="session",
            required=True,
            label_visibility="collapsed",
        )
    )


def figures(lines: Sequence[Line]) -> str:
    """σ against step or calls, and the noise put back; gives against which."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**Noise level**", help=SIGMA_HELP, width="content")
            axis = _x_axis()
        alt = "Noise level in Å of each schedule, on a logarithmic axis, with the temperature kT on the right."
        st.plotly_chart(schedules_figure(lines, axis), key="noise schedules", config=PLOT, alt=alt)
        if quiet := [LETTERS[line.place] for line in lines if not line.walk.asked.all()]:
            st.caption(f"{', '.join(quiet)}: steps at σ = 0 are not drawn; a logarithmic axis has no place for them.")
    with right:
        with st.container(height=40, border=False, vertical_alignment="center"):
            st.markdown("**Noise put back**", help=ADDED_HELP)
        alt = "Standard deviation in Å of the noise that each schedule adds before each look."
        st.plotly_chart(added_figure(lines, axis), key="noise added", config=PLOT, alt=alt)
    return axis


def costs(lines: Sequence[Line], schedules: Sequence[Schedule], plan: Plan | None) -> None:
    """What each schedule does, in numbers."""
    each = measured_call(plan.checkpoint, plan.composition, plan.n_molecules) if plan else None
    rows = [_row(line, schedules[line.place], plan, each) for line in lines]
    columns = {
        "Calls": st.column_config.TextColumn(
            help="Network calls per molecule. Schedules that stop by themselves take as many as a molecule needs: "
            "first how many if every prediction were perfect, then the most."
        ),
        "Time": st.column_config.TextColumn(
            help="An estimate: one network call was timed on this machine for this formula and number of molecules, "
            "and multiplied by the calls and seeds. Other people's runs make it longer."
        ),
        "σ from": st.column_config.TextColumn("σ from … to (Å)", help="First and last noise level."),
        "Noise put back": st.column_config.TextColumn(help="All of it together, as one standard deviation: √Σ added²."),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, key="noise costs")


def _row(line: Line, schedule: Schedule, plan: Plan | None, seconds: float | None) -> dict[str, str]:
    walk = line.walk
    calls = f"{walk.n_calls} to {walk.most_calls}" if walk.stops_by_itself else f"{walk.n_calls}"
    low, high = ((n * seconds * plan.n_seeds if plan and seconds else 0.0) for n in (walk.n_calls, walk.most_calls))
    time = "" if seconds is None else in_words(high) if in_words(low) == in_words(high) else f"up to {in_words(high)}"
    return {
        "Schedule": line.title,
        "Sampler": SAMPLER_TEXT[schedule.sampler],
        "Steps": f"{schedule.recipe().n_steps}",
        "Calls": calls,
        "σ from": f"{walk.asked[0]:.3g} … {walk.asked[-1]:.2g}",
        "Noise put back": f"{float((walk.added**2).sum()) ** 0.5:.3g} Å",
        "Time": time,
    }
