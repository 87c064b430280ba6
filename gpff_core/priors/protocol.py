"""What every prior offers."""

from abc import abstractmethod
from typing import ClassVar, Protocol

from torch import Tensor

from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise


class Prior(Protocol):
    """A distribution of starting positions, given who the atoms are: a frozen dataclass of settings JSON can hold.

    Priors derive from it explicitly, and most keep its `placed` and its `guide`.
    """

    placed: ClassVar[bool] = False
    """Whether positions are absolute, as points in space are; if not, the cloud is put where it is wanted."""

    known: ClassVar[bool] = False
    """Whether it is structures that are known already, and a run should begin where they are."""

    @property
    @abstractmethod
    def scale(self) -> float:
        """Root mean square coordinate in Å about the centre: the σ at which a noise schedule would start."""
        ...

    @property
    @abstractmethod
    def covariance(self) -> tuple[tuple[float, float, float], ...]:
        """Covariance of one atom's position (3, 3) in Å²."""
        ...

    @abstractmethod
    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        """Starting positions (A, 3) in Å; those of pinned atoms are not used."""
        ...

    def noised(self, least: float) -> "Prior":
        """The same at a noise level of at least so many Å; a cloud is as wide as it is meant, and stays as it is."""
        return self

    def guide(self, field: PseudoForceField) -> PseudoForceField:
        """The field under this prior's lasting influence; most have none, and give it back as it is."""
        return field

    @abstractmethod
    def __str__(self) -> str:
        """Name and settings, for provenance."""
        ...
