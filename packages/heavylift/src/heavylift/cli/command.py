"""Which words there are, and how what is behind one is run."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points, version
from typing import Final

from heavylift.catalogue import near_names
from heavylift.errors import ConfigurationInvalid, HeavyliftError
from heavylift.local import dev

ENTRY_POINT_GROUP: Final = "heavylift.commands"

Main = Callable[[Sequence[str]], int]

#: Words that come with a package of their own, and its name on PyPI.
_PACKAGES: Final = {"api": "heavylift-api", "worker": "heavylift-worker", "autoscaler": "heavylift-autoscaler"}


@dataclass(frozen=True, slots=True)
class Command:
    """A word, what it does in one line, and how to get hold of it."""

    name: str
    summary: str
    load: Callable[[], Main]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; 2, with one sentence, for anything that Heavylift refuses."""
    arguments = _parser(commands := find_commands()).parse_args(argv)
    if arguments.command is None:
        _parser(commands).print_help()
        return 0
    try:
        return _choose(arguments.command, commands).load()(arguments.rest)
    except HeavyliftError as error:
        sys.stderr.write(f"heavylift: {error}\n")
        return 2


def find_commands() -> dict[str, Command]:
    """Our own commands and those of the installed packages (entry points ``heavylift.commands``), by their word."""
    own = (
        Command("dev", "Runs everything on this machine: Redis, a worker and the API.", lambda: dev.main),
        Command("dead", "Lists, replays and discards dead letters: tasks that failed.", _load_dead),
        Command("keys", "Makes, rotates and revokes keys for the API.", _load_keys),
    )
    points = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)
    return {command.name: command for command in own} | {point.name: _command(point) for point in points}


def _load_dead() -> Main:
    from heavylift.cli import dead  # only now: it brings the store with it, which no other word needs

    return dead.main


def _load_keys() -> Main:
    from heavylift.cli import keys

    return keys.main


def _command(point: EntryPoint) -> Command:
    """Summaries come from the package's metadata: importing a worker only to list it would take a second."""
    summary = point.dist.metadata["Summary"] if point.dist is not None else ""
    return Command(point.name, summary, lambda: _load(point))


def _load(point: EntryPoint) -> Main:
    try:
        main: Main = point.load()
    except ImportError as error:
        raise ConfigurationInvalid(f"the command {point.name!r} cannot be loaded: {error}") from error
    return main


def _choose(name: str, commands: dict[str, Command]) -> Command:
    if name in commands:
        return commands[name]
    if name in _PACKAGES:
        raise ConfigurationInvalid(f"the command {name!r} is not installed here: pip install {_PACKAGES[name]}")
    near = near_names(name, {*commands, *_PACKAGES})
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(commands))}"
    raise ConfigurationInvalid(f"there is no command {name!r}; {hint}")


def _parser(commands: dict[str, Command]) -> argparse.ArgumentParser:
    lines = "\n".join(f"  {command.name:<10} {command.summary}" for command in commands.values())
    parser = argparse.ArgumentParser(
        prog="heavylift",
        usage="heavylift COMMAND [OPTIONS]",
        description="Background work that is never lost.",
        epilog=f"commands:\n{lines}\n\n`heavylift COMMAND --help` tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"heavylift {version('heavylift')}")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser
