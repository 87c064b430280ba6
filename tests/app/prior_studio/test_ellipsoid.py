"""The ellipsoid's controls say the same thing in different words: axes, turns, matrix, size, shares, molecule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_app.prior_studio import ellipsoid
from gpff_app.prior_studio.orientation import axes_of
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure
from gpff_core.priors import Covariance

lengths = st.tuples(*[st.floats(0.2, 6)] * 3)
angles = st.tuples(*[st.floats(-180, 180)] * 3)


def matrix(design: dict[str, object]) -> np.ndarray:
    return np.array(ellipsoid.KIND.build(design).covariance)


@given(lengths, angles)
def test_axes_of_a_matrix_make_it_again(
    lengths: tuple[float, float, float], angles: tuple[float, float, float]
) -> None:
    given = np.array(Covariance.from_axes(lengths, angles).covariance)
    found_lengths, found_angles = axes_of(given, (0.0, 0.0, 0.0))
    again = np.array(Covariance.from_axes(tuple(found_lengths), tuple(found_angles)).covariance)
    assert again == pytest.approx(given, abs=1e-3)


@given(st.tuples(st.floats(2.2, 3), st.floats(1.2, 2), st.floats(0.3, 1)), st.tuples(*[st.floats(-40, 40)] * 3))
def test_axes_keep_their_names_when_the_matrix_is_edited_a_little(
    lengths: tuple[float, float, float], angles: tuple[float, float, float]
) -> None:
    shuffled = (lengths[1], lengths[2], lengths[0])
    design = ellipsoid.of_axes(shuffled, angles)
    same = ellipsoid.of_matrix(design["matrix"], design["angles"])
    assert same["lengths"] == pytest.approx(shuffled, abs=1e-4)
    assert same["angles"] == pytest.approx(angles, abs=0.02)


def test_a_ball_keeps_the_turns_it_had() -> None:
    assert axes_of(4 * np.eye(3), (30.0, 20.0, 10.0)) == ([2.0, 2.0, 2.0], pytest.approx([30.0, 20.0, 10.0]))


def test_a_typed_matrix_is_the_prior_to_the_last_digit() -> None:
    typed = [4.0, 2.0, 1.0, 0.5, -0.25, 0.1]
    design = {**ellipsoid.KIND.first(), **ellipsoid.of_matrix(typed, (0, 0, 0))}
    assert ellipsoid.KIND.build(design) == Covariance(*typed)


def test_a_matrix_that_is_none_is_refused_in_the_librarys_words() -> None:
    with pytest.raises(GpffError, match="is not positive-definite"):
        ellipsoid.of_matrix([1.0, 1.0, 1.0, 2.0, 0.0, 0.0], (0, 0, 0))


def test_shares_keep_the_size_and_the_order_of_the_axes() -> None:
    design = ellipsoid.of_axes((1.0, 3.0, 0.5), (0, 0, 90))
    changed = {**design, **ellipsoid.of_shares((0.6, 0.3, 0.1), design)}
    assert np.trace(matrix(changed)) == pytest.approx(np.trace(matrix(design)), abs=1e-3)
    assert changed["lengths"][1] > changed["lengths"][0] > changed["lengths"][2]
    assert np.linalg.eigvalsh(matrix(changed))[::-1] == pytest.approx(10.25 * np.array([0.6, 0.3, 0.1]), abs=1e-2)


def test_size_heats_and_keeps_the_shape() -> None:
    design = ellipsoid.of_axes((3.0, 1.5, 1.0), (10, 20, 30))
    hot = {**design, **ellipsoid.of_size(4.0, design)}
    assert ellipsoid.KIND.build(hot).scale == pytest.approx(4.0, abs=1e-5)
    assert matrix(hot) / np.trace(matrix(hot)) == pytest.approx(matrix(design) / np.trace(matrix(design)), abs=1e-6)


def test_a_molecule_gives_its_own_covariance() -> None:
    hexane = Structure(*structure_from_smiles("CCCCCC"))
    design = {**ellipsoid.KIND.first(), **ellipsoid.of_molecule(hexane, ellipsoid.KIND.first())}
    expected = np.array(Covariance.of_positions(hexane.positions).covariance)
    assert matrix(design) == pytest.approx(expected, abs=1e-6)
    turned = np.array(Covariance.from_axes(tuple(design["lengths"]), tuple(design["angles"])).covariance)
    assert turned == pytest.approx(expected, abs=1e-2)
