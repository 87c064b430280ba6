"""Names of the elements.

A table of its own, because the training path runs on machines where neither ASE nor RDKit is installed.
"""

from typing import Final

SYMBOLS: Final[tuple[str, ...]] = tuple(
    """
    H He
    Li Be B C N O F Ne
    Na Mg Al Si P S Cl Ar
    K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
    Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
    Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
    Fr Ra Ac Th Pa U Np Pu
    """.split()
)
"""Symbols by atomic number, hydrogen first: the element of atomic number Z is `SYMBOLS[Z - 1]`."""


def symbol_of(atomic_number: int) -> str:
    """The symbol of an atomic number from 1 (hydrogen) to 94 (plutonium)."""
    return SYMBOLS[atomic_number - 1]
