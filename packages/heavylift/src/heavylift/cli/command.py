"""The command ``heavylift``: runs what is said, and tells what went wrong in one sentence."""

import sys
from collections.abc import Sequence

from heavylift.cli.exit_codes import ExitCode, code_of
from heavylift.cli.services import load, services
from heavylift.errors import ConfigurationInvalid, HeavyliftError

NAME = "heavylift"


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say and return the exit code, an ``ExitCode``."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except HeavyliftError as error:
        return _fail(str(error), code_of(error))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED


def _run(words: list[str]) -> int:
    # A service needs no parser, and the images of workers have none: it starts a second of CPU sooner on a cluster that scales.
    if len(words) == 1 and words[0] in (found := services()):
        return load(found[words[0]])()
    try:
        from heavylift.cli import parsing
    except ImportError as error:
        raise ConfigurationInvalid(f"{error}; it comes with: pip install 'heavylift[cli]'") from error
    return parsing.run(words)


def _fail(sentence: str, code: ExitCode) -> ExitCode:
    sys.stderr.write(f"{NAME}: {sentence}\n")
    return code
