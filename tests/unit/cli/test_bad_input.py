"""Whatever is wrong is said in one sentence, with no traceback, and exit code 2 when nothing was started."""

import os
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command


def assert_one_sentence(text: str) -> None:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    assert lines[0].endswith(".")
    assert len(lines[0]) > 30


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--formula C7H10Xx", "Xx in C7H10Xx is not an element"),
        ("--formula CH4 --covariance 1,-1,1", "not positive-definite"),
        ("--formula CH4 --covariance -1,1,1", "not positive-definite"),
        ("--formula CH4 --covariance 1,1", "not three or six numbers"),
        ("--formula CH4 --covariance a,b,c", "not three or six numbers"),
        ("--formula CH4 --covariance nan,1,1", "not a number"),
        ("--formula CH4 --prior covariance", "needs its numbers"),
        ("--formula CH4 --prior blobs", "The prior blobs needs its settings; give it as JSON"),
        ("--formula CH4 --prior curve", "or by --curve"),
        ("--formula CH4 --prior point-cloud --steps 3", "or by --points, --inside"),
        ("--formula CH4 --shape rod --spacing 1", "--spacing is that of a round cloud, and --shape names another"),
        ("--formula CH4 --spacing 9", "give 0 for none to 5"),
        ("--formula CH4 --prior isotropic --covariance 1,1,1", "both name a prior; give one of them"),
        ("--formula CH4 --sigma 2 --covariance 1,1,1", "leave one of them out"),
        ("--formula CH4 --sigma 0", "must be positive"),
        ("--formula C2H5Cl", "Cl cannot be generated: the checkpoint small knows only H C O"),
        ("--formula CH4 --steps 0", "0 steps were asked for"),
        ("--formula CH4 --steps -3 --sampler heun", "-3 steps were asked for"),
        ("--formula CH4 --sampler sde", "no sampler called 'sde'"),
        ("--formula CH4 --seed first", "invalid int value: 'first'"),
        ("--formula CH4 --seed -1", "The seed is -1"),
        ("--formula CH4 --batch-size 0", "A batch of 0 molecules"),
        ("--formula CH4 -n 0", "at least 1 structure"),
        ("--formula CH4 --sampler heun --kappa 0.5", "--kappa does not apply to the sampler heun"),
        ("--formula CH4 --stochastic-lambda 1 --sampler ancestral", "--stochastic-lambda does not apply"),
        ("--formula CH4 --sampler heun --schedule geometric --rho 7", "--rho belongs to the Karras schedule"),
        ("--formula CH4 --sampler heun --sigma-min 20", "do not decrease"),
        ("--formula CH4 --smiles C", "exactly one of"),
        ("--formula CH4 --from-data", "exactly one of"),
        ("--steps 4", "exactly one of"),
        ("--smiles C[N+](C)(C)C", "charge"),
        ("--smiles C(", "not a SMILES"),
        ("--formulas missing.txt", "could not be read"),
        ("--formula CH4 --resume", "none was given"),
        ("--formula CH4 --out a.xyz --trajectory t.extxyz --resume", "leave out --trajectory"),
        ("--formula CH4 --out a.extxyz --trajectory a.extxyz", "given twice"),
        ("--formula CH4 --out missing/a.sdf", "cannot be written"),
        ("--formula CH4 --out a.pdb", "choose one of .sdf"),
        ("--formula CH4 --trajectory a.xyz", "does not end in .extxyz"),
        ("--formula CH4 --device abacus", "not available here"),
        ("--formula CH4 --checkpoint missing", "There is no checkpoint 'missing'"),
        ("--form CH4", "required|unrecognized"),
    ],
)
def test_sample_refuses(
    sample: Command, words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = sample(*words.split())
    assert outcome.code == 2
    assert_one_sentence(outcome.err)
    assert any(part in outcome.err for part in said.split("|"))
    assert not outcome.out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "# only a comment\n\n", "CH4\nC2H6Q\n"])
def test_a_list_of_formulas_without_any_or_with_a_bad_one_is_refused(
    sample: Command, tmp_path: Path, content: str
) -> None:
    (tmp_path / "formulas.txt").write_text(content)
    outcome = sample("--formulas", tmp_path / "formulas.txt")
    assert outcome.code == 2
    assert_one_sentence(outcome.err)


@pytest.mark.parametrize("kept", [0, 100, 20_000])
def test_a_truncated_checkpoint_is_refused(sample: Command, trained: Path, tmp_path: Path, kept: int) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(trained.read_bytes()[:kept])
    outcome = sample("--formula", "CH4", "--checkpoint", cut)
    assert outcome.code == 2
    assert "cut.safetensors is damaged" in outcome.err
    assert_one_sentence(outcome.err)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_one_may_not_write_to_is_refused(sample: Command, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    outcome = sample("--formula", "CH4", "--out", tmp_path / "a.sdf")
    assert outcome.code == 2
    assert_one_sentence(outcome.err)


def test_odd_hydrogens_are_warned_of_and_generated_all_the_same(sample: Command) -> None:
    """One bad line must not end a run over a file of formulas; the warning says what cannot be."""
    outcome = sample("--formula", "CH3", "--formula", "CH4", "--steps", "20", "--json")
    assert outcome.code == 0
    assert_one_sentence(outcome.err)
    assert "CH3 has an odd number of electrons" in outcome.err
    odd, methane = outcome.summary["structures"]
    assert not odd["valid"]
    assert odd["reason"] == "has an odd number of electrons"
    assert methane["smiles"] == "C"


def test_work_that_fails_is_exit_code_1(sample: Command) -> None:
    outcome = sample("--formula", "CH4", "--stochastic-lambda", "1e39", "--steps", "3")
    assert outcome.code == 1
    assert "became infinite or NaN" in outcome.err.splitlines()[-1]
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "required"),
        ("dream", "invalid choice: 'dream'"),
        ("info --checkpoint missing", "There is no checkpoint 'missing'"),
        ("bench", "required"),
        ("bench quantity", "invalid choice: 'quantity'"),
        ("sample --formula CH4 --kT 4.5 --sigma 1.5", "two names of the same"),
        ("sample --formula CH4 --kT=-1", "--kT is -1.0 Å²"),
        ("sample --formula CH4 --shake-limit 0", "The limit of shaking is 0.0 times σ̂"),
        ("bench quality --checkpoint small -n 0", "-n is 0"),
        ("bench quality --checkpoint small -n 5000", "which is how many the test split holds"),
        ("bench quality --checkpoint small --seeds 0,one", "not a list of whole numbers"),
        ("bench quality --checkpoint small --seeds=-1,0", "The seed is -1"),
        ("bench quality --checkpoint small --samplers sde", "no sampler called 'sde'"),
        ("bench quality --checkpoint small --calls many", "not a list of whole numbers"),
        ("bench speed --checkpoint small --alkanes many", "not a list of whole numbers"),
        ("bench quality --checkpoint small --calls 0", "0 steps"),
        ("bench quality --checkpoint small", "N cannot be generated: the checkpoint small knows only H C O"),
        ("bench physical --checkpoint small --samplers sde", "no sampler called 'sde'"),
        ("bench physical --checkpoint small --calls 0", "0 steps"),
        ("bench physical --checkpoint small --seed -1", "The seed is -1"),
        ("bench distributions --checkpoint small --samplers direct,", "no sampler called ''"),
        ("bench distributions --checkpoint small", "N cannot be generated"),
        ("bench shapes --checkpoint small --sigmas 1,big", "not a list of numbers"),
        ("bench shapes --checkpoint small --sigmas 0", "has no shape"),
        ("bench shapes --checkpoint small --calls 0", "0 steps"),
        ("bench speed --checkpoint small --formula X", "X in X is not an element"),
        ("bench speed --checkpoint small --docs missing", "not a folder"),
    ],
)
def test_other_commands_refuse(gpff: Command, words: str, said: str) -> None:
    outcome = gpff(*words.split())
    assert outcome.code == 2
    assert_one_sentence(outcome.err)
    assert said in outcome.err


@pytest.mark.parametrize("command", ["", "sample", "train", "info", "bench", "bench quality", "bench shapes"])
def test_help_fits_a_terminal_and_says_what_it_is_for(gpff: Command, command: str) -> None:
    outcome = gpff(*command.split(), "--help")
    assert outcome.code == 0
    assert not outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert outcome.out.startswith(f"usage: python -m gpff_core {command}".rstrip())
