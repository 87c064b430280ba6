"""Text that means harm, wherever the app shows text from people and files: what the browser test looks at."""

import dataclasses

import ase.build
import numpy as np
import streamlit as st

from gpff_app.gallery import gallery
from gpff_app.model3d import Model3D
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_core.chemistry.building import composition_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import verdict
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.formats.uploads import frames_of_upload, structures_of_upload
from gpff_core.samples import Sample

EVIL = '<img src=x onerror="window.harmed=1">[x](javascript:window.harmed=1)<script>window.harmed=1</script>'
EVIL_NAME = '<img src=x onerror="window.harmed=1">'
SDF_TITLE = f"{EVIL}\n  none\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n"


def harmful_sample() -> Sample:
    water = ase.build.molecule("H2O")
    numbers = tuple(water.numbers.tolist())
    judged = dataclasses.replace(verdict(numbers, water.positions + np.arange(3)[:, None] * 9), reason=EVIL)
    return Sample(0, Composition(numbers), water.positions.astype(np.float32), judged, Novelty.UNDETERMINED, 1)


def errors() -> list[str]:
    """What the library says of a harmful file name, title, comment, SMILES and formula."""
    said = []
    for read in (
        lambda: structures_of_upload(f"{EVIL_NAME}.sdf", SDF_TITLE.encode()),
        lambda: structures_of_upload(EVIL_NAME, b""),
        lambda: structures_of_upload("a.xyz", f"2\n{EVIL}\nH 0 0 {EVIL}\nH 0 0 1\n".encode()),
        lambda: frames_of_upload(f"{EVIL_NAME}.xyz", b"1"),
        lambda: composition_from_smiles(EVIL),
        lambda: parse_formula(EVIL),
    ):
        try:
            read()
        except GpffError as error:
            said.append(str(error))
    return said


st.set_page_config(layout="wide")
for sentence in errors():
    st.error(plain(sentence))
st.markdown(f"**{plain(EVIL)}**", help=plain(EVIL))
st.toast(plain(EVIL))
st.progress(0.5, text=plain(EVIL))
st.text_input("Notes", EVIL)
atoms = ase.build.molecule("H2O")
viewer(None, key="viewer", model=Model3D(EVIL, ("H",) * 3, atoms.positions), message=EVIL, captions=[EVIL])
gallery([harmful_sample()], (), key="gallery", focus=None, on_focus=lambda _: None)
st.write("all is shown")
