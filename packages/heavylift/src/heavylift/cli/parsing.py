"""How words are understood: a tree of Typer's in which what is behind a word is loaded when the word is said."""

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, version
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from heavylift.catalogue import near_names
from heavylift.cli.app import new_app, new_root
from heavylift.cli.helping import HelpfulGroup, write_section
from heavylift.cli.services import PACKAGES, load, services, summary
from heavylift.cli.words import RUNNING, SECTIONS, WORDS
from heavylift.errors import ConfigurationInvalid

Command = TyperCommand | TyperGroup


def run(words: Sequence[str]) -> int:
    """Do what the words say; the exit code. Raises HeavyliftError."""
    try:
        return int(root().main(list(words), prog_name="heavylift", standalone_mode=False) or 0)
    except typer.TyperException as error:
        raise ConfigurationInvalid(_told(error)) from error


def root() -> Command:
    """The whole command."""
    app = new_root("Background work that is never lost.", Words)
    app.callback(invoke_without_command=True)(_begin)
    return _command(app)


def _begin(
    context: typer.Context,
    tell_version: Annotated[bool, typer.Option("--version", help="Say which version this is.", is_eager=True)] = False,
) -> None:
    if tell_version:
        typer.echo(f"heavylift {version('heavylift')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _told(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    hint = f"; see {context.command_path} --help" if context is not None else ""
    return f"{error.format_message().replace('Value error, ', '').rstrip('.')}{hint}"


class Words(HelpfulGroup):
    """The first word."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every word that there is."""
        return [*WORDS, *services()]

    def get_command(self, ctx: Any, cmd_name: str) -> Command | None:
        """The word with its summary, for help and for completion; what is behind it ``resolve_command`` loads."""
        told = WORDS[cmd_name].summary if cmd_name in WORDS else summary(services()[cmd_name])
        return TyperCommand(cmd_name, short_help=told)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str, Command, list[str]]:
        """What is behind the word."""
        return args[0], behind(args[0]), args[1:]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Words that belong together stand together."""
        for section in SECTIONS:
            rows = [(word.name, word.summary) for word in section.words]
            if section.title == RUNNING:
                rows += [(point.name, summary(point)) for point in services().values()]
            write_section(formatter, section.title, rows)


def behind(word: str) -> Command:
    """What is behind a word. Raises ConfigurationInvalid, which names words that may have been meant."""
    if word in WORDS:
        return _command(import_module(WORDS[word].module).app)
    if (point := services().get(word)) is not None:
        return _command(_service(point))
    if word in PACKAGES:
        raise ConfigurationInvalid(f"the command {word!r} is not installed here: pip install {PACKAGES[word]}")
    near = near_names(word, {*WORDS, *services(), *PACKAGES}, limit=1)
    hint = f"did you mean {near[0]}?" if near else "heavylift --help shows all"
    raise ConfigurationInvalid(f"there is no command {word!r}; {hint}")


def _command(app: typer.Typer) -> Command:
    return cast("Command", get_command(app))


def _service(point: EntryPoint) -> typer.Typer:
    app = new_app()

    @app.word(point.name, help_=f"{summary(point)} Set it through variables: docs/configuration.md.")
    def run() -> int:
        return load(point)()

    return app
