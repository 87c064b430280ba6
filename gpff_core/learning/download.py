"""QM9 by way of SchNetPack, for those who want the set as its authors publish it."""

from pathlib import Path

from gpff_core.errors import GpffError
from gpff_core.networks.schnetpack_compatibility import schnetpack


def download_qm9(folder: Path) -> Path:
    """Let SchNetPack download QM9 into an ASE database in `folder`, once, and return its path."""
    path = folder / "qm9.db"
    try:
        schnetpack.datasets.QM9(str(path), batch_size=1).prepare_data()
    except Exception as error:  # whatever the network, the archive or the disk came up with
        raise GpffError(
            f"SchNetPack could not download QM9 ({error}); check the connection, or train on data/qm9.npz."
        ) from error
    return path
