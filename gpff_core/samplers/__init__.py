"""Samplers: ways to get from a noise cloud to a molecule. One file a sampler."""

from typing import Final

from gpff_core.samplers.ancestral import Ancestral
from gpff_core.samplers.direct import DirectDenoising
from gpff_core.samplers.heun import Heun
from gpff_core.samplers.self_paced import SelfPaced
from gpff_core.samplers.step import Sampler, Step

SAMPLERS: Final[dict[str, type[Sampler]]] = {
    "direct": DirectDenoising,
    "self-paced": SelfPaced,
    "ancestral": Ancestral,
    "heun": Heun,
}
"""Every sampler by the name the command line and the app know it by."""

__all__ = ["SAMPLERS", "Ancestral", "DirectDenoising", "Heun", "Sampler", "SelfPaced", "Step"]
