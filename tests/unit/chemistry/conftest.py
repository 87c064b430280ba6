import pytest

from tests.unit.chemistry.qm9_molecules import QM9


@pytest.fixture(scope="session")
def qm9() -> QM9:
    return QM9()
