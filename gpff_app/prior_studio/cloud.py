"""Where atoms really start: draws from the prior with the streams of random numbers that a run would use."""

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.priors import Prior
from gpff_core.priors.serialisation import prior_as_json, prior_from_json

POINTS_SHOWN: Final = 360
"""About so many atoms of starting molecules make the cloud one sees."""


def starts(prior: Prior, composition: Composition, n: int, seed: int) -> NDArray[np.float32]:
    """Starting positions (n, N, 3) in Å of the first n molecules of a run of one formula."""
    batch = AtomBatch.from_compositions((composition,) * n)
    positions: NDArray[np.float32] = prior.sample(batch, Noise(seed, range(n))).reshape(n, -1, 3).numpy()
    return positions


def cloud(prior: Prior, composition: Composition, seed: int) -> NDArray[np.float32]:
    """The atoms (P, 3) of as many starts as make a cloud one can see."""
    n = min(max(POINTS_SHOWN // len(composition), 4), 64)
    return _cloud(prior_as_json(prior), composition.numbers, n, seed)


@st.cache_data(max_entries=50, show_spinner=False)
def _cloud(prior: str, numbers: tuple[int, ...], n: int, seed: int) -> NDArray[np.float32]:
    return starts(prior_from_json(prior), Composition(numbers), n, seed).reshape(-1, 3)
