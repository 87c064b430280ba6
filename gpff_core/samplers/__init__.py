"""Samplers: ways to get from a noise cloud to a molecule. One file a sampler."""

from typing import Final

from gpff_core.samplers.adaptive_ancestral import AdaptiveAncestral
from gpff_core.samplers.adaptive_heun import AdaptiveHeun
from gpff_core.samplers.ancestral import Ancestral
from gpff_core.samplers.direct import DirectDenoising
from gpff_core.samplers.euler import Euler
from gpff_core.samplers.guided import GuidedSampler
from gpff_core.samplers.heun import Heun
from gpff_core.samplers.multistep import Multistep
from gpff_core.samplers.polished import POLISH_CALLS, POLISH_SIGMA, Polished
from gpff_core.samplers.predictor_corrector import PredictorCorrector
from gpff_core.samplers.reheated import REHEAT_SIGMA, REHEAT_STEPS, Reheated
from gpff_core.samplers.reverse_sde import ReverseSDE
from gpff_core.samplers.self_paced import SelfPaced
from gpff_core.samplers.step import Sampler, Step, summary_of

SAMPLERS: Final[dict[str, type[Sampler]]] = {
    "direct": DirectDenoising,
    "self-paced": SelfPaced,
    "ancestral": Ancestral,
    "adaptive-ancestral": AdaptiveAncestral,
    "heun": Heun,
    "adaptive-heun": AdaptiveHeun,
    "euler": Euler,
    "multistep": Multistep,
    "reverse-sde": ReverseSDE,
    "predictor-corrector": PredictorCorrector,
}
"""Every sampler by the name the command line and the app know it by."""

AnySampler = Sampler | GuidedSampler | Polished | Reheated
"""A sampler as it is, guided, polished, or followed by rounds of reheating."""

__all__ = [
    "POLISH_CALLS",
    "POLISH_SIGMA",
    "REHEAT_SIGMA",
    "REHEAT_STEPS",
    "SAMPLERS",
    "AdaptiveAncestral",
    "AdaptiveHeun",
    "Ancestral",
    "AnySampler",
    "DirectDenoising",
    "Euler",
    "GuidedSampler",
    "Heun",
    "Multistep",
    "Polished",
    "PredictorCorrector",
    "Reheated",
    "ReverseSDE",
    "Sampler",
    "SelfPaced",
    "Step",
    "summary_of",
]
