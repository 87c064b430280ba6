"""Generative pseudo-force fields: one network without a time input that relaxes any cloud of atoms to a molecule.

Nothing is imported here, so that `import gpff_core` is instant; take what you need from its modules.
"""

__version__ = "0.1.0"
