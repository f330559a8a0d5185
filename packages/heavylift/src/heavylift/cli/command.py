"""The command ``heavylift``: runs what is said, and tells what went wrong in one sentence."""

import sys
from collections.abc import Sequence

from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.services import load, services
from heavylift.cli.text import one_line
from heavylift.errors import ConfigurationInvalid, HeavyliftError

NAME = "heavylift"


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say and return the exit code, an ``ExitCode``."""
    try:
        return _attempt(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED


def _attempt(words: list[str]) -> int:
    try:
        return _run(words)
    except HeavyliftError as error:
        return _fail(words, error)


def _run(words: list[str]) -> int:
    # A service needs no parser, and the images of workers have none: it starts a second of CPU sooner on a cluster that scales.
    if len(words) == 1 and words[0] in (found := services()):
        return load(found[words[0]])()
    try:
        from heavylift.cli import parsing
    except ImportError as error:
        raise ConfigurationInvalid(f"{error}; it comes with: pip install 'heavylift[cli]'") from error
    return parsing.run(words)


def _fail(words: list[str], error: HeavyliftError) -> int:
    from heavylift.cli.failures import asks_for_key, code_of, sentence  # only now: not loaded where nothing goes wrong

    if asks_for_key(error):
        from heavylift.cli.connection import ask_for_key

        if ask_for_key():  # what was refused for want of a key was not done, so all of it is said again
            return _attempt(words)
    sys.stderr.write(f"{NAME}: {one_line(sentence(error))}\n")
    return code_of(error)
