"""What depends only on who the atoms are, computed once for all calls of a run."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gpff_core.networks.transformer_inference.weights import EmbeddingWeights


@dataclass(frozen=True, eq=False)
class AtomConstants:
    """Of m molecules padded to n atoms.

    `n_atoms` (m, 1, 1); `share` (m, 1, n) is 1/N for the atoms of a molecule of N and 0 for padding. `mask` (m, 1, n),
    1 or 0, and `key_bias` (m, 1, n), 0 or −10⁴, are None where nothing is padded. The elements' embeddings: `scalars`
    (m, n, D), `pair_scale` and `pair_shift` (U, E).
    """

    n_atoms: Tensor
    share: Tensor
    mask: Tensor | None
    key_bias: Tensor | None
    scalars: Tensor
    pair_scale: Tensor
    pair_shift: Tensor

    @classmethod
    def of(cls, numbers: Tensor, frozen: Tensor, weights: EmbeddingWeights) -> "AtomConstants":
        """From padded atomic numbers (m, n), 0 where there is no atom, and frozen (m, n, 1), 1 for such atoms."""
        mask = (numbers > 0).to(weights.element.dtype)[:, None]
        n_atoms = mask.sum(2, keepdim=True)
        padded = bool((numbers == 0).any())
        i, j, _ = unordered_pairs(numbers.shape[1], numbers.device)
        ends = weights.pair_element[numbers]
        scale, shift = (ends[:, i] * ends[:, j]).flatten(0, 1).chunk(2, -1)
        scalars = weights.element[numbers]
        if weights.frozen is not None:
            scalars = scalars + frozen * weights.frozen.atom
            shift = shift + (frozen[:, i] * frozen[:, j]).flatten(0, 1) * weights.frozen.pair
        return cls(
            n_atoms,
            mask / n_atoms,
            mask if padded else None,
            1e4 * (mask - 1) if padded else None,
            scalars,
            1 + scale,
            shift.contiguous(),
        )


def unordered_pairs(n: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Both ends i ≤ j of the unordered pairs of n atoms, and the place of each ordered pair (n²,) among them."""
    i, j = torch.triu_indices(n, n, device=device)
    place = torch.empty(n, n, dtype=torch.long, device=device)
    place[i, j] = place[j, i] = torch.arange(len(i), device=device)
    return i, j, place.flatten()
