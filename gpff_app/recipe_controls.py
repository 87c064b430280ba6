"""The controls of sampler and prior, on every page that generates. Every number is judged by the library."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, cast

import streamlit as st

from gpff_app import saved_priors
from gpff_app.kept import key, show
from gpff_core.errors import GpffError
from gpff_core.priors import SHAPES, Covariance, Isotropic, Motif, Prior, Shape, Typical
from gpff_core.priors.serialisation import prior_as_json, prior_from_json
from gpff_core.recipe import MAX_REHEAT, PRESETS, SCHEDULES, Recipe
from gpff_core.samplers import POLISH_CALLS, REHEAT_STEPS, SAMPLERS, summary_of
from gpff_core.samplers.settings import POLISH, SETTINGS, calls_of_step, settings_of

SAMPLER_TEXT: Final = {
    "direct": "Direct denoising",
    "self-paced": "Self-paced direct",
    "ancestral": "Ancestral diffusion",
    "adaptive-ancestral": "Adaptive ancestral",
    "heun": "Heun diffusion",
    "adaptive-heun": "Adaptive Heun",
    "reverse-sde": "Reverse SDE",
    "predictor-corrector": "Predictor–corrector",
    "euler": "Euler (flow ODE)",
    "multistep": "Multistep (flow ODE)",
}

SETTING_TEXT: Final = {
    "stochastic_lambda": ("Shaking λ (Å)", 0.1),
    "momentum": ("Momentum", 0.1),
    "shake_limit": ("Shaking at most (× σ̂)", 0.1),
    "kappa": ("Shaking κ", 0.05),
    "sigma_stop": ("Stop at σ̂ (Å)", 0.01),
    "churn": ("Churn", 1.0),
    "churn_min": ("No churn below (Å)", 0.1),
    "churn_max": ("No churn above (Å)", 0.1),
    "churn_noise": ("Churn noise", 0.05),
    "n_corrector": ("Langevin steps", 1),
    "snr": ("Signal to noise", 0.02),
    "rho": ("Spacing ρ", 1.0),
    "sigma_min": ("Lowest noise level (Å)", 0.01),
    "guidance": ("Guidance", 0.1),
    "polish": ("Polish (Å)", 0.01),
}
"""Label and step of the number that asks for a setting; what it means is said by the library."""

NOISELESS: Final = ("euler", "multistep")
NOISE_OF: Final = {"direct": ("stochastic_lambda", 0.3), "heun": ("churn", 0.0), "adaptive-heun": ("churn", 0.0)}
"""Samplers that add no noise on the way; the setting by which others add it, and how much a cloud's shape bears."""

PRIOR_TEXT: Final = {
    "Round": "Random positions in a round cloud.",
    "Ellipsoid": "A cloud stretched along three axes, which suggests a shape to the molecule.",
    "Shape": "A rod, a disc or a ball of a given size; *Hold* imposes it again before every step.",
    "Typical": "A cloud as large and as flat as molecules with this many atoms usually are.",
    "Saved": "A prior of your own, designed and named in the Prior studio.",
    "File": "A prior that was saved as JSON: points, curves, blobs, a known molecule with noise.",
}


def sentence_on(name: str) -> str:
    """What a setting means; a Greek letter that it begins with is a symbol and stays small."""
    meaning = SETTINGS[name].meaning
    return (meaning[0].upper() if meaning[0].isascii() else meaning[0]) + meaning[1:] + "."


def preset_values(page: str, name: str) -> dict[str, Any]:
    """What the widgets of the sampler hold on a page, by their keys, when a preset is in force."""
    recipe = PRESETS[name]
    own = {"sampler": recipe.sampler, "steps": recipe.n_steps, "reheat": recipe.reheat}
    values = own | {setting: recipe.settings.get(setting) for setting in SETTING_TEXT}
    return {key(page, widget): value for widget, value in values.items()}


def recipe_controls(page: str, seed: int, prior: Prior | None = None, *, frozen: bool = False) -> Recipe:
    """Draw the controls of sampler and prior on a page and give what they ask for; GpffError says what does not fit.

    The prior is not asked for where it is given; `frozen` is the recipe's.
    """
    sampler = st.selectbox(
        "Sampler",
        list(SAMPLERS),
        format_func=SAMPLER_TEXT.__getitem__,
        key=key(page, "sampler"),
        persist_state="session",
        help="How the atoms get from noise to a molecule. *Direct* and *self-paced* jump to the predicted molecule "
        "again and again. The others walk down a ladder of noise levels; the sizes and shapes of molecules then come "
        "nearer to those of the training data. Noise that is added on the way lets a run forget where it started.",
    )
    st.caption(summary_of(SAMPLERS[sampler]))
    corrector = _corrector(page, sampler)
    number = st.number_input(
        "Steps",
        step=1,
        key=key(page, "steps"),
        persist_state="session",
        placeholder=f"{Recipe(sampler).n_steps}",
        help="More steps give more valid molecules and take longer. "
        f"A step of this sampler is {calls_of_step(SAMPLERS[sampler], corrector)} network call(s).",
    )
    steps = cast("int | None", number)  # the field may be empty
    reheat = st.number_input(
        "Reheat what is not valid",
        min_value=0,
        max_value=MAX_REHEAT,
        step=1,
        key=key(page, "reheat", first=0),
        persist_state="session",
        help="A result that is not a valid molecule, or lost its scaffold, is shaken and left to settle again, at most "
        f"so many times. A round is {REHEAT_STEPS} network calls; molecules that are valid cost nothing more.",
    )
    start = _known_structure(page) if prior is None else prior
    hinted_steps = None if steps is None else max(1, int(steps))
    hinted = Recipe(sampler, hinted_steps, start, corrector, reheat=int(reheat), frozen=frozen)
    settings = _settings(page, hinted)
    recipe = Recipe(sampler, None if steps is None else int(steps), None, settings, seed, int(reheat), frozen)
    return replace(recipe, prior=_prior(page, recipe) if prior is None else prior)


def _corrector(page: str, sampler: str) -> dict[str, float | str]:
    """The Langevin steps asked for further down on the page: what is best hangs on how many calls they take."""
    asked = st.session_state.get(key(page, "n_corrector"))
    return {} if asked is None or "n_corrector" not in settings_of(SAMPLERS[sampler]) else {"n_corrector": asked}


def _settings(page: str, recipe: Recipe) -> dict[str, float | str]:
    """The sampler's own settings; one left empty has the value measured best for the recipe's number of steps."""
    names = settings_of(SAMPLERS[recipe.sampler])
    given: dict[str, float | str] = {}
    if "schedule" in names:
        given["schedule"] = st.selectbox(
            "Spacing of the ladder",
            SCHEDULES,
            key=key(page, "schedule"),
            persist_state="session",
            help="How the noise levels are spaced.",
        )
    for name in names:
        if name == "schedule":
            continue
        idle = _why_idle(name, recipe, given)
        label, step = SETTING_TEXT[name]
        default = recipe.value_of(name)
        value = _number_or_best(page, name, label, default, step, idle or sentence_on(name), disabled=bool(idle))
        if value is not None and not idle:
            given[name] = value
    return given


def _number_or_best(
    page: str, name: str, label: str, best: float, step: float, explanation: str, *, disabled: bool = False
) -> float | None:
    """A field that may stay empty, for the value measured best, which is its hint."""
    return st.number_input(
        label,
        key=key(page, name),
        persist_state="session",
        step=step,
        value=None,
        placeholder=f"best: {best:g}" if math.isfinite(best) else "none",
        help=explanation,
        disabled=disabled,
    )


def _why_idle(name: str, recipe: Recipe, given: Mapping[str, float | str]) -> str:
    """Why a setting has no effect beside those given before it, nothing if it has."""
    if name == "rho" and given.get("schedule") == "geometric":
        return "The geometric ladder has no ρ."
    if name == POLISH and recipe.n_calls <= POLISH_CALLS:
        return f"A polish takes {POLISH_CALLS} network calls, and so few steps have none to spare."
    needed = SETTINGS[name].needs
    if needed and not given.get(needed, recipe.value_of(needed)):
        return f"Without effect while *{SETTING_TEXT[needed][0]}* is 0."
    return ""


def _prior(page: str, recipe: Recipe) -> Prior | None:
    """The prior that is asked for, None for the best of this sampler."""
    kind = st.selectbox(
        "Starting cloud (prior)",
        list(PRIOR_TEXT),
        key=key(page, "prior_kind"),
        persist_state="session",
        help="Where the atoms start. Switch on *Prior* in the 3D view to see the cloud.",
    )
    st.caption(PRIOR_TEXT[kind])
    prior = _PRIORS[kind](page, recipe)
    if prior is not None and _is_shaped(prior):
        _blurring(page, replace(recipe, prior=prior))
    return prior


def _is_shaped(prior: Prior) -> bool:
    """Whether a cloud has a shape at the start that nothing brings back later."""
    held = isinstance(prior, Shape) and prior.hold
    return not (held or prior.known or isinstance(prior, Isotropic | Typical))


def _round(page: str, recipe: Recipe) -> Prior | None:
    best = recipe.usual_start
    sigma = _number_or_best(
        page,
        "sigma",
        "Width σ (Å)",
        best.sigma,
        0.5,
        "Standard deviation of every coordinate. A small molecule is about 1.5 Å wide. As a temperature of the "
        "pseudo-energy it is kT = 2σ², 4.5 Å² for 1.5 Å.",
    )
    spacing = _number_or_best(
        page,
        "spacing",
        "Spacing (Å)",
        best.spacing,
        0.1,
        "Atoms of the cloud that are nearer to each other than this are moved apart first, which saves a run of "
        "few steps that work. 0 leaves them where they are.",
    )
    if sigma is None and spacing is None:
        return None
    return Isotropic(best.sigma if sigma is None else sigma, best.spacing if spacing is None else spacing)


def _ellipsoid(page: str, _: Recipe) -> Prior:
    lengths = _three(
        page, "Half-axes σ (Å)", "axis", (3.0, 1.5, 1.0), 0.5, "Standard deviations along the cloud's three axes."
    )
    angles = _three(
        page, "Turned about x, y, z (°)", "angle", (0.0, 0.0, 0.0), 15.0, "Rotations of the cloud, one after another."
    )
    return Covariance.from_axes(lengths, angles)


def _shape(page: str, _: Recipe) -> Prior:
    name = st.segmented_control(
        "Shape",
        list(SHAPES),
        key=key(page, "shape", first="rod"),
        persist_state="session",
        required=True,
        format_func=str.capitalize,
    )
    size = st.number_input(
        "Size (Å)",
        step=0.1,
        key=key(page, "shape_size", first=1.8),
        persist_state="session",
        help="Root mean square coordinate. A molecule of 20 atoms has about 1.5 Å.",
    )
    hold = st.toggle(
        "Hold the shape",
        key=key(page, "hold"),
        persist_state="session",
        help="Impose the shape again before every step, not only at the start.",
    )
    return Shape(SHAPES[str(name)], size, hold=hold)


def _typical(page: str, _: Recipe) -> Prior:
    return Typical()


def sampler_values(page: str) -> dict[str, Any]:
    """What is set of the sampler on a page, by the names of the widgets."""
    names = ("sampler", "steps", "reheat", "schedule", *SETTING_TEXT)
    return {name: st.session_state[key(page, name)] for name in names if key(page, name) in st.session_state}


def _blurring(page: str, recipe: Recipe) -> None:
    """Say that noise on the way blurs the shape of a cloud, with the way out where the sampler has one."""
    if recipe.sampler in NOISELESS:
        return
    name, tolerated = NOISE_OF.get(recipe.sampler, ("", 0.0))
    if name and recipe.value_of(name) <= tolerated:
        return
    if not name:
        st.caption(
            ":material/info: This sampler adds noise on the way, which blurs the shape of this cloud; *Euler* and "
            "*Multistep* add none."
        )
        return
    label, value = SETTING_TEXT[name][0], recipe.value_of(name)
    st.caption(f":material/info: *{label}* {value:g} adds noise on the way, which blurs the shape of this cloud.")
    st.button(
        f"Add no noise ({label} 0)",
        key=f"no noise {page}",
        on_click=lambda: st.session_state.update({key(page, name): 0.0}),
    )


def use_prior(page: str, name: str, prior: Prior) -> None:
    """Let the controls of a page start from a prior that was handed over; call it before they are drawn."""
    st.session_state[key(page, "prior_kind")] = "Saved"
    st.session_state[key(page, "saved_prior")] = {"name": name, "prior": prior_as_json(prior)}
    st.session_state[key(page, "motif_sigma")] = None


def _saved(page: str, _: Recipe) -> Prior:
    """The one chosen is kept with the page's settings, so that session files and links hold it too."""
    widget, saved = f"saved prior {page}", saved_priors.saved()
    held = _held(page)
    if held is None:
        raise GpffError("No prior is saved yet; design one in the Prior studio and give it a name, or choose another.")
    names = list(saved) if held["name"] in saved else [held["name"], *saved]
    show(widget, held["name"])
    name = st.selectbox(
        "Which one",
        names,
        key=widget,
        on_change=lambda: use_prior(page, st.session_state[widget], saved[st.session_state[widget]]),
    )
    prior = prior_from_json(held["prior"])
    if saved.get(name, prior) != prior:
        st.button(
            "Take it as it is saved now", key=f"{widget} again", on_click=use_prior, args=[page, name, saved[name]]
        )
    return _heated(page, prior) if isinstance(prior, Motif) else prior


def _held(page: str) -> dict[str, str] | None:
    """Name and JSON of the saved prior that a page keeps: the first until one is chosen, None where none is saved."""
    place = key(page, "saved_prior")
    if place not in st.session_state and (first := next(iter(saved_priors.saved().items()), None)):
        st.session_state[place] = {"name": first[0], "prior": prior_as_json(first[1])}
    held: dict[str, str] | None = st.session_state.get(place)
    return held


def _known_structure(page: str) -> Prior | None:
    """The structure that a page starts from, if it does; what is best then depends on its noise."""
    try:
        prior = _designed(page)
    except GpffError:  # said where the prior is asked for
        return None
    return _as_noised(page, prior) if isinstance(prior, Motif) else None


def _designed(page: str) -> Prior | None:
    """The saved prior, which the page's widgets further down show."""
    if st.session_state.get(key(page, "prior_kind")) != "Saved":
        return None
    held = _held(page)
    return None if held is None else prior_from_json(held["prior"])


def _as_noised(page: str, motif: Motif) -> Motif:
    """With the noise that is set on the page, or else its own."""
    sigma = st.session_state.get(key(page, "motif_sigma"))
    return motif if sigma is None else replace(motif, sigma=sigma)


def _heated(page: str, motif: Motif) -> Motif:
    """A known structure with as much noise as is asked for."""
    st.number_input(
        "Noise on the structure σ (Å)",
        key=key(page, "motif_sigma"),
        persist_state="session",
        step=0.1,
        value=None,
        placeholder=f"{motif.sigma:g}",
        help="0 starts at the structure itself; 0.3 Å makes variations of it; 1.5 Å forgets most of it.",
    )
    return _as_noised(page, motif)


def _file(page: str, _: Recipe) -> Prior:
    """A file that holds a prior becomes the saved one of the page, so that it outlives a change of page."""
    place = f"prior file {page}"

    def take() -> None:
        file = st.session_state[place]
        with suppress(GpffError):  # said below, where the file still is
            if file is not None:
                use_prior(page, file.name.removesuffix(".json")[: saved_priors.LONGEST_NAME], _of_file(file.getvalue()))

    file = st.file_uploader("Prior as JSON", type=["json"], key=place, on_change=take, max_upload_size=20)
    if file is None:
        raise GpffError("No prior was given; drop its JSON file here, or choose another starting cloud.")
    return _of_file(file.getvalue())


def _of_file(data: bytes) -> Prior:
    try:
        return prior_from_json(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise GpffError("The file is not text; give a prior that was saved as JSON.") from error


_PRIORS: Final[dict[str, Callable[[str, Recipe], Prior | None]]] = {
    "Round": _round,
    "Ellipsoid": _ellipsoid,
    "Shape": _shape,
    "Typical": _typical,
    "Saved": _saved,
    "File": _file,
}


def _three(
    page: str, label: str, name: str, values: tuple[float, float, float], step: float, explanation: str
) -> tuple[float, float, float]:
    """Three numbers side by side."""
    st.markdown(f":small[{label}]", help=explanation)
    columns = st.columns(3, gap="small")
    x, y, z = (
        column.number_input(
            f"{label} {axis}",
            step=step,
            key=key(page, f"{name} {axis}", first=value),
            persist_state="session",
            label_visibility="collapsed",
        )
        for column, axis, value in zip(columns, "xyz", values, strict=True)
    )
    return x, y, z
