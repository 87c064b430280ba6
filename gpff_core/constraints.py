"""Frozen scaffolds as a constraint on the predicted equilibrium, which therefore composes with every sampler.

A network predicts X̂₀ in its own frame. For a molecule with pinned atoms (`AtomBatch.pins`) the prediction is first laid
on them by the rigid motion that fits best; then every pinned atom is drawn to its anchor by its spring: minimising
‖X − X̂₀‖² + k‖X − A‖² puts it at (X̂₀ + kA)/(1 + k). A frozen atom is the limit k → ∞ and comes out bit for bit where it
was, because every sampler moves atoms along X̂₀ − X and noise, and both are exactly zero there.

Shapes: A atoms, M molecules; positions (A, 3) in Å.
"""

import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch

UNDETERMINED_TURN = 1e-3
"""Å². Pulls the superposition's rotation towards none where the pinned atoms leave it open: a single atom does
altogether, two atoms or a straight line leave the turn about themselves.
"""


def constrained(x: Tensor, x0_hat: Tensor, batch: AtomBatch) -> Tensor:
    """The predicted equilibrium (A, 3) under the batch's pins; `x0_hat` itself where there are none."""
    if batch.pins is None:
        return x0_hat
    pins = batch.pins
    laid = superposed(x0_hat, pins.anchors, pins.hold, batch)
    held = torch.lerp(laid, pins.anchors, pins.hold)
    return torch.where(pins.frozen, x, held)


def superposed(x: Tensor, target: Tensor, weights: Tensor, batch: AtomBatch) -> Tensor:
    """Turn and shift each molecule of `x` onto `target` (A, 3) to the least weighted square distance; weights (A, 1).

    Reflections are not used: a mirror image would be another molecule. A molecule without weights stays as it is.
    Kabsch, Acta Cryst. A 32, 922 (1976).
    """
    total = batch.total(weights)
    share = weights / total.clamp(min=1e-12)[batch.molecule]
    centre, goal = batch.total(share * x), batch.total(share * target)
    offset = x - centre[batch.molecule]
    correlation = batch.total((share * (target - goal[batch.molecule]))[:, :, None] * offset[:, None])
    rotation = _nearest_rotation(correlation + UNDETERMINED_TURN * torch.eye(3).to(x))
    turned = (rotation[batch.molecule] @ offset[..., None]).squeeze(-1) + goal[batch.molecule]
    return torch.where((total > 0)[batch.molecule], turned, x)


def _nearest_rotation(matrices: Tensor) -> Tensor:
    """The proper rotations R (M, 3, 3) that maximise the trace of Rᵀ times each matrix."""
    u, _, vt = torch.linalg.svd(matrices)
    handedness = torch.ones_like(matrices[:, 0])
    handedness[:, 2] = torch.linalg.det(u @ vt)
    rotations: Tensor = (u * handedness[:, None]) @ vt
    return rotations
