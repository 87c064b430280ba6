"""The method in pictures: what a pseudo-force is, what a jump is, and why noise is heat."""

from typing import Any, Final

import numpy as np
import streamlit as st

from gpff_app.kept import key
from gpff_app.model3d import Model3D
from gpff_app.noise_lab.bond import BONDS, STRETCHES, BondScan, scan
from gpff_app.noise_lab.design import PLOT
from gpff_app.noise_lab.editor import PAGE
from gpff_app.noise_lab.method_figures import bond_figure, error_figure, estimate_figure, force_figure, heat_figure
from gpff_app.noise_lab.noised import EXAMPLES, LEVELS, NoisedMolecule, noised_molecule
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.field import temperature
from gpff_core.networks.checkpoint import Checkpoint

STORY: Final = (
    (
        "A molecule is the bottom of a bowl",
        "Take any arrangement of atoms, **X**. Somewhere near it lies a proper molecule, **X₀**. Say the energy of X "
        "is simply how far it is from there, squared: E = ‖X − X₀‖². That is a bowl, and its slope, the "
        "*pseudo-force* F = 2(X₀ − X), points straight to the bottom. It is no physical force: unlike a real "
        "potential it has no barriers, and half of it is exactly the way to go.",
    ),
    (
        "One look, one jump",
        "Nobody knows X₀ in advance. A neural network has learned to guess it from X alone, by repairing known "
        "molecules that were shaken. One look gives a force on every atom, and one jump, **X + F/2**, lands where it "
        "believes the molecule is. If X was only a little off, that is the molecule. If X was a cloud, it is the "
        "*average* of all molecules that could have been there: a blur, which needs another look.",
    ),
    (
        "Noise is heat, making molecules is cooling",
        "Shaking every coordinate by σ is the same as heating the bowl to a temperature **kT = 2σ²**. A hot cloud has "
        "forgotten which molecule it was; a cold one sits at the bottom of its bowl. So a molecule is made by starting "
        "hot and cooling: look, jump most of the way, shake a little less than before, look again. A *schedule* says "
        "how fast to cool, and the size of the forces tells how hot the atoms still are: that is **σ̂**.",
    ),
)


def pictures(field: Checkpoint) -> None:
    """The whole view."""
    for column, (title, text) in zip(st.columns(3, gap="medium"), STORY, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.markdown(text)
    st.subheader("Two atoms: pull at a bond", anchor=False)
    _two_atoms(field)
    st.subheader("A whole molecule: heat it and look", anchor=False)
    _whole_molecule(field)


@st.cache_data(max_entries=50, show_spinner="Asking the network …")
def _scan(checkpoint: str, bond: str, _field: Checkpoint) -> BondScan:
    return scan(_field, BONDS[bond])


@st.cache_data(max_entries=50, show_spinner="Asking the network …")
def _noised(checkpoint: str, smiles: str, _field: Checkpoint) -> NoisedMolecule:
    return noised_molecule(_field, smiles)


def _two_atoms(field: Checkpoint) -> None:
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
    bond = left.selectbox(
        "Bond",
        list(BONDS),
        key=key(PAGE, "bond", first=next(iter(BONDS))),
        persist_state="session",
        help="The two sides of the bond are moved apart, each as it is. Nothing is told to the network but where the "
        "atoms are.",
    )
    stretch = right.slider(
        "Pull by (Å)",
        STRETCHES[0],
        STRETCHES[-1],
        step=0.05,
        format="%+.2f",
        key=key(PAGE, "stretch", first=0.6),
        persist_state="session",
        help="How much longer than at equilibrium the bond is; negative: pushed together.",
    )
    found = _scan(field.sha256, str(bond), field)
    place = found.place(stretch)
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(
        bond_figure(found, place),
        key="noise bond",
        config=PLOT,
        alt="Pseudo-energy against bond length, exact and by the network, and the jump from the length chosen.",
    )
    right.plotly_chart(
        force_figure(found, place),
        key="noise force",
        config=PLOT,
        alt="Pseudo-force along the bond, and the bond length after one jump, against the bond length.",
    )
    st.caption(bond_words(found, place))
    st.caption(fragments_words(found, place))


def fragments_words(found: BondScan, place: int) -> str:
    """Why the parabola of a bond is as steep as it is: more moves than its two atoms."""
    (first, second), pull = found.sides, found.lengths[place] - found.r0
    steepness = first * second / (first + second)
    atoms = f"{first} and {second} atom{'s' if second > 1 else ''}"
    return (
        f"Both ends move as whole fragments, of {atoms}, so that the exact "
        f"pseudo-energy of a pull by d is E = n₁n₂/(n₁ + n₂)·d² = {first}·{second}/{first + second}·d² = "
        f"{steepness:.3g} d²: {found.energy[place]:.2f} Å² for d = {pull:.2f} Å."
    )


def bond_words(found: BondScan, place: int) -> str:
    """What the picture shows, in words."""
    r, landing = found.lengths[place], found.landing[place]
    return (
        f"Given {r:.2f} Å, one jump lands at {landing:.2f} Å; the network's own equilibrium is {found.r0:.2f} Å. "
        f"It reads σ̂ = {found.sigma[place]:.2f} Å off this structure. Close to equilibrium it follows the parabola; "
        "far out it cannot know that one bond alone was pulled, and says where, of all molecules, these atoms most "
        "likely belong."
    )


def _whole_molecule(field: Checkpoint) -> None:
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
    smiles = left.selectbox(
        "Molecule",
        list(EXAMPLES),
        format_func=lambda text: f"{EXAMPLES[text]} · {text}" if text in EXAMPLES else text,
        accept_new_options=True,
        key=key(PAGE, "molecule", first=next(iter(EXAMPLES))),
        persist_state="session",
        help="Choose one, or type the SMILES of another with H, C, N and O. Its equilibrium X₀ is RDKit's geometry, "
        "relaxed by a few jumps of the network itself; in 3D it is drawn translucent.",
    )
    sigma = right.select_slider(
        "Noise level σ (Å)",
        LEVELS,
        format_func=lambda level: f"{level:.2g}",
        key=key(PAGE, "noise level", first=LEVELS[14]),
        persist_state="session",
        help="Every coordinate is moved by a random number of this size. The same noise, only stronger or weaker.",
    )
    try:
        example = _noised(field.sha256, str(smiles), field)
    except GpffError as error:
        st.error(plain(str(error)))
        return
    place = LEVELS.index(sigma)
    _in_3d(example, place, str(smiles))
    _curves(example, place)


def _in_3d(example: NoisedMolecule, place: int, smiles: str) -> None:
    given, predicted = example.noised[place], example.predicted[place]
    symbols = example.composition.symbols
    jumps = [{"kind": "line", "points": ends, "tint": "mark"} for ends in np.stack([given, predicted], axis=1)]
    views: tuple[tuple[str, Any, Any, list[dict[str, Any]]], ...] = (
        ("X: what the network is given, and where each atom will jump", given, example.force[place], jumps),
        ("X̂₀ = X + F/2: what it makes of it in one call", predicted, None, []),
    )
    for side, (column, (title, positions, forces, lines)) in enumerate(
        zip(st.columns(2, gap="small"), views, strict=True)
    ):
        with column:
            st.markdown(f":small[{title}]")
            viewer(
                key=f"noise molecule {side}",
                model=Model3D(f"{smiles} {side}", symbols, positions, forces=forces),
                shapes=lines,
                reference=(symbols, example.x0),
                link="noise molecule",
                height=340,
            )
    st.caption(molecule_words(example, place))


def molecule_words(example: NoisedMolecule, place: int) -> str:
    """What the network made of the noised molecule, in words."""
    sigma, error = example.levels[place], example.error[place, 0]
    opinion = verdict(example.composition.numbers, example.predicted[place])
    original = verdict(example.composition.numbers, example.x0)
    if not opinion.valid:
        said = "no molecule yet: a blur of those that are possible"
    else:
        said = "the same molecule" if opinion.smiles == original.smiles else "another molecule"
    return plain(
        f"At σ = {sigma:.2g} Å (kT = {temperature(float(sigma)):.2g} Å²) the prediction is {said}. "
        f"A coordinate of it is off by {error:.2g} Å; the network reads σ̂ = {example.calibrated[place, 0]:.2g} Å "
        f"off the structure ({example.raw[place, 0]:.2g} Å before calibration)."
    )


def _curves(example: NoisedMolecule, place: int) -> None:
    figures = (
        (
            "How good is one look?",
            "Root mean square error of a coordinate of X̂₀: median over three different noises, with whiskers from the "
            "least to the most; the diamond is the noise that is shown in 3D. It follows σ until bonds "
            "are lost in the noise; then the best guess is the average of many molecules, and its error stays at "
            "their size.",
            error_figure(example, place),
            "Error of the prediction against the noise level.",
        ),
        (
            "Does it know how noisy it is?",
            "σ̂ from the size of the forces: median over three different noises, with whiskers, and the diamond for the "
            "one in 3D. Raw, it is too low between 0.3 and 2 Å, where part of the noise passes for "
            "a different molecule; the curve measured once on held-out molecules corrects that.",
            estimate_figure(example, place),
            "Estimated against true noise level, raw and calibrated.",
        ),
        (
            "The same as a temperature",
            "One coordinate in its bowl at kT = 2σ². Its probability goes as exp(−E/kT): a Gaussian of width σ.",
            heat_figure(float(example.levels[place])),
            "A parabola and how likely a coordinate is to be where, at this temperature.",
        ),
    )
    for number, (column, (title, explanation, figure, alt)) in enumerate(
        zip(st.columns(3, gap="medium"), figures, strict=True)
    ):
        with column:
            st.markdown(f"**{title}**", help=explanation)
            st.plotly_chart(figure, key=f"noise picture {number}", config=PLOT, alt=alt)
