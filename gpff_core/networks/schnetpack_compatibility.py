"""SchNetPack, importable beside the torch that is installed: import it from here and from nowhere else.

SchNetPack 2.0.4, the newest for Python 3.11, wants a type variable from torch that torch 2.5 renamed to `_T_co`
(docs/adr/0005-dependencies-for-every-python.md).
"""

from torch.utils.data import dataloader

vars(dataloader).setdefault("T_co", dataloader._T_co)

import schnetpack  # noqa: E402 - only now can it be imported

__all__ = ["schnetpack"]
