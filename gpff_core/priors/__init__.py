"""Where generation starts: distributions of atom positions. One file a prior."""

from gpff_core.priors.covariance import Covariance
from gpff_core.priors.isotropic import Isotropic
from gpff_core.priors.protocol import Prior

__all__ = ["Covariance", "Isotropic", "Prior"]
