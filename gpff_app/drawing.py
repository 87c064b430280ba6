"""2D drawings of molecules, in colours that fit a light and a dark page."""

from typing import Any, Final

import streamlit as st
from rdkit import Chem
from rdkit.Chem import rdCoordGen
from rdkit.Chem.Draw import rdMolDraw2D

SIZE: Final = (240, 170)
"""Width and height in pixels; the drawing scales with its place."""

_CARBON: Final = (0.0, 0.0, 0.0)
_PALETTE: Final = {
    1: (0.47, 0.53, 0.56),
    6: _CARBON,
    7: (0.27, 0.47, 0.95),
    8: (0.89, 0.27, 0.22),
}


@st.cache_data(max_entries=2000, show_spinner=False)
def drawing(smiles: str) -> str:
    """An SVG element of a molecule given by its canonical SMILES; carbon takes the colour of the text around it."""
    canvas = rdMolDraw2D.MolDraw2DSVG(*SIZE)
    options: Any = canvas.drawOptions()  # RDKit's stubs have the wrong types
    options.clearBackground = False
    options.padding = 0.08
    options.bondLineWidth = 2
    options.fixedBondLength = 36
    options.updateAtomPalette(_PALETTE)
    molecule = Chem.MolFromSmiles(smiles)
    rdCoordGen.AddCoords(molecule)  # draws bridged rings, which small molecules are full of, without crossings
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule)
    canvas.FinishDrawing()
    svg = canvas.GetDrawingText()
    return svg[svg.index("<svg") :].replace("#000000", "currentColor")
