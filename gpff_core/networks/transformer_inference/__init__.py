"""The default network without autograd: the same pseudo-forces to rounding, at a fraction of the cost.

Notation of the whole package: m molecules padded to n atoms; R = m n rows of atoms, Q = m n² ordered pairs of them,
U = m n (n + 1)/2 unordered ones; D, V, E features of scalars, vectors and pairs; H heads.
"""

from gpff_core.networks.transformer_inference.field import TransformerInference

__all__ = ["TransformerInference"]
