"""The command line: `python -m gpff_core sample | train | info | bench`.

Every command is a module with `add_arguments(parser)` and `prepare(args)`. Preparing checks all that was given and
starts nothing; what it returns does the work. So exit code 2 means the arguments were wrong and nothing happened, 1
that the work failed or was stopped under way (what was finished is kept), 0 that it is done.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from gpff_core import __version__
from gpff_core.errors import GpffError

BAD_ARGUMENTS: Final = 2
FAILED: Final = 1

COMMANDS: Final = {
    "sample": "generate molecules from formulas",
    "train": "train a network, or continue to",
    "info": "say what a checkpoint is and how it was made, or list the samplers or priors",
    "bench": "measure quality or speed and write the tables of docs/benchmarks.md",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence instead of argparse's usage block."""
        self.exit(BAD_ARGUMENTS, f"{self.prog}: {message}; `{self.prog} --help` lists what is allowed.\n")


def main(argv: Sequence[str] | None = None) -> int:
    words = _joined(list(sys.argv[1:] if argv is None else argv))
    try:
        code = _run(words)
        sys.stdout.flush()  # a reader that has gone away is noticed here, not while the interpreter ends
    except KeyboardInterrupt:
        print("gpff_core: stopped.", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _joined(words: list[str]) -> list[str]:
    """`--covariance -1,0,1` as one word, since argparse takes numbers that begin with a minus for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("--covariance", "--shape"):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _run(words: Sequence[str]) -> int:
    args, unknown = _parser(words).parse_known_args(words)
    if unknown:
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        work: Callable[[], int] = args.prepare(args)
    except GpffError as error:
        return _complain(error, BAD_ARGUMENTS)
    try:
        return work()
    except GpffError as error:
        return _complain(error, FAILED)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """All commands are listed, but only the module of the one asked for is imported: torch and RDKit take seconds."""
    parser = _Parser(
        prog="python -m gpff_core", description="Generative pseudo-force fields: formulas to 3D molecules."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".", allow_abbrev=False)
        if name in words[:1]:
            module = _load(name)
            module.add_arguments(command)
            command.set_defaults(prepare=module.prepare, parser=command)
    return parser


def _load(name: str):  # type: ignore[no-untyped-def]
    from importlib import import_module

    return import_module(f"gpff_core.cli.{name}")


def _complain(error: GpffError, code: int) -> int:
    print(f"gpff_core: {error}", file=sys.stderr)
    return code
