from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gpff_core.chemistry.formulas import closed_shell_problem, parse_formula
from gpff_core.chemistry.novelty import Novelty, TrainingReference, build_reference, canonical_smiles, smiles_hash
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.learning.split import Split, split_of
from tests.unit.chemistry.qm9_molecules import QM9

SHIPPED = Path(__file__).parents[3] / "checkpoints" / "qm9.reference.npz"


@pytest.fixture(scope="module")
def shipped() -> TrainingReference:
    return TrainingReference.load(SHIPPED)


@pytest.fixture
def small() -> TrainingReference:
    molecules = {"CCO": "C2H6O", "COC": "C2H6O", "O": "H2O", "OCC": "C2H6O", "": "CH4"}
    return build_reference(molecules, map(parse_formula, molecules.values()))


def test_every_way_to_write_a_molecule_has_one_entry(small: TrainingReference) -> None:
    assert sorted(small.hashes) == sorted(smiles_hash(smiles) for smiles in ("CCO", "COC", "O"))


def test_stereoisomers_are_one_molecule() -> None:
    assert canonical_smiles("C[C@H](N)O") == canonical_smiles("C[C@@H](N)O")
    assert canonical_smiles("F/C=C/F") == canonical_smiles("F/C=C\\F")


def test_formulas_are_counted_for_nameless_structures_too(small: TrainingReference) -> None:
    assert [small.formula_count(parse_formula(f)) for f in ("C2H6O", "OH2", "CH4", "C6H6")] == [3, 1, 1, 0]
    assert small.n_structures == 5


def test_the_hash_never_changes() -> None:
    """BLAKE2b-64 of "CCO": a reference built today must be readable on any machine and in years."""
    assert smiles_hash("CCO") == np.uint64(0x6D200B6F6C9553C3)


def test_a_reference_survives_its_file(small: TrainingReference, tmp_path: Path) -> None:
    small.save(tmp_path / "small.npz")
    loaded = TrainingReference.load(tmp_path / "small.npz")
    for name in ("hashes", "formulas", "counts", "probes"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(small, name))


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "incomplete"])
def test_a_damaged_reference_is_refused(damage: str, small: TrainingReference, tmp_path: Path) -> None:
    path = tmp_path / "reference.npz"
    small.save(path)
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "incomplete":
        np.savez_compressed(path, hashes=small.hashes)
    else:
        path.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "text": b"hashes\n"}[damage])
    with pytest.raises(GpffError, match="missing or damaged"):
        TrainingReference.load(path)


def test_smiles_of_another_rdkit_are_noticed(small: TrainingReference, tmp_path: Path) -> None:
    other = TrainingReference(small.hashes + np.uint64(1), small.formulas, small.counts, small.probes)
    other.save(tmp_path / "other.npz")
    with pytest.raises(GpffError, match="other canonical SMILES"):
        TrainingReference.load(tmp_path / "other.npz")


def test_a_molecule_of_the_training_set_is_recognised_from_its_geometry(qm9: QM9, shipped: TrainingReference) -> None:
    splits = split_of(qm9.arrays["gdb_index"])
    trained = [qm9[int(place)] for place in np.flatnonzero(splits == Split.TRAINING)[::600]]
    verdicts = [verdict(molecule.numbers, molecule.positions) for molecule in trained]
    assert len(trained) == 203
    assert {shipped.novelty(found) for found in verdicts if found.valid} == {Novelty.KNOWN}
    assert {shipped.novelty(found) for found in verdicts if not found.valid} <= {Novelty.UNDETERMINED}


def test_molecules_held_out_are_novel_unless_a_conformer_was_trained_on(qm9: QM9, shipped: TrainingReference) -> None:
    held_out = np.flatnonzero(split_of(qm9.arrays["gdb_index"]) != Split.TRAINING)
    found = Counter(shipped.novelty(verdict(m.numbers, m.positions)) for m in (qm9[int(p)] for p in held_out[::20]))
    assert found[Novelty.NOVEL] >= 0.98 * found.total()


def test_the_shipped_reference_is_the_training_split_and_nothing_else(qm9: QM9, shipped: TrainingReference) -> None:
    """One formula, counted by hand in the data."""
    splits = split_of(qm9.arrays["gdb_index"])
    assert shipped.n_structures == np.count_nonzero(splits == Split.TRAINING)
    wanted = Counter({6: 7, 1: 10, 8: 2})
    n_trained = sum(
        Counter(qm9[int(place)].numbers.tolist()) == wanted
        for place in np.flatnonzero((qm9.arrays["n_atoms"] == 19) & (splits == Split.TRAINING))
    )
    assert n_trained > 1000
    assert shipped.formula_count(parse_formula("C7H10O2")) == n_trained


def test_no_formula_of_real_molecules_is_called_impossible(shipped: TrainingReference) -> None:
    assert len(shipped.formulas) == 478
    assert {closed_shell_problem(parse_formula(str(formula))) for formula in shipped.formulas} == {""}


def test_formulas_are_drawn_as_often_as_they_occur(shipped: TrainingReference) -> None:
    n_drawn = 20_000
    drawn = Counter(c.formula for c in shipped.draw_formulas(n_drawn, np.random.default_rng(3)))
    for formula in ("C7H10O2", "C7H12O2", "C6H9NO2", "C8H14O"):
        share = shipped.formula_count(parse_formula(formula)) / shipped.n_structures
        assert abs(drawn[formula] / n_drawn - share) < 4 * np.sqrt(share * (1 - share) / n_drawn)


def test_the_same_seed_draws_the_same_formulas(shipped: TrainingReference) -> None:
    first, second = (shipped.draw_formulas(5, np.random.default_rng(7)) for _ in range(2))
    assert first == second


def test_similar_formulas_are_near_and_common_first(shipped: TrainingReference) -> None:
    similar = shipped.similar_formulas(parse_formula("C7H10O2"), 5)
    assert [formula for formula, _ in similar[:2]] == ["C6H10O2", "C7H10O"]  # one atom away
    assert [formula for formula, _ in similar[2:]] == ["C7H12O2", "C8H10O", "C7H8O2"]  # two, by frequency
    assert [count for _, count in similar] == [shipped.formula_count(parse_formula(f)) for f, _ in similar]
    assert "C7H10O2" not in dict(similar)


def test_a_formula_outside_the_data_still_has_neighbours(shipped: TrainingReference) -> None:
    assert shipped.similar_formulas(parse_formula("C7H11O2"), 2)[0][0] in {"C7H10O2", "C7H12O2"}
