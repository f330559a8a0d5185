"""How each word's own part of the command is made."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import typer
from typer.core import TyperGroup

from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.gathering import spread
from heavylift.cli.helping import HelpfulCommand, HelpfulGroup

Function = TypeVar("Function", bound=Callable[..., Any])

_MANNERS: Final[dict[str, Any]] = {
    "rich_markup_mode": None,  # rich's help would take twice the time of all else together
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["--help", "-h"], "max_content_width": 100},
}


class App(typer.Typer):
    """A part of the command whose words have our pages of help."""

    def word(self, name: str | None = None, *, help_: str | None = None) -> Callable[[Function], Function]:
        """Make a word of a function, under its own name unless another is given. It may return an ExitCode.

        A parameter that is a dataclass stands for all its fields.
        """
        command = self.command(name, help=help_, cls=HelpfulCommand)

        def make(function: Function) -> Function:
            command(spread(function))
            return function

        return make


def new_app() -> App:
    """For a word that does one thing."""
    return App(add_completion=False, **_MANNERS)


def new_group(summary: str) -> App:
    """For a word with words of its own; alone it shows them."""
    group = App(help=summary, cls=HelpfulGroup, add_completion=False, **_MANNERS)
    group.callback(invoke_without_command=True)(_show)
    return group


def new_root(summary: str, cls: type[TyperGroup]) -> App:
    """For the whole command, with what installs its completion."""
    return App(help=summary, cls=cls, add_completion=True, **_MANNERS)


def _show(context: typer.Context) -> ExitCode | None:
    if context.invoked_subcommand is not None:
        return None
    typer.echo(context.get_help())
    return ExitCode.MISUSED
