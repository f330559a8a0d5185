"""The pages of ``--help``: plain text, the same at a terminal, in a pipe and in docs/cli.md."""

from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

Parameter = TyperArgument | TyperOption
Entry = tuple[str, str]  #: What is written and what it means.


class HelpfulCommand(TyperCommand):
    """A word that does something."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What follows the word."""
        return _pieces(self.get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """What each of these means."""
        _write_parameters(self.get_params(ctx), formatter)


class HelpfulGroup(TyperGroup):
    """A word with words of its own."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What follows the word."""
        return ["COMMAND", "..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The words that follow, and the options."""
        self.format_commands(ctx, formatter)
        _write_parameters(self.get_params(ctx), formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Each word with all that it says of itself in its first sentence."""
        words = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        write_section(formatter, "Commands", [(name, first_sentence(word.help)) for name, word in words.items() if word])


def write_section(formatter: Any, title: str, entries: Sequence[Entry]) -> None:
    """A heading, and under it each entry with its meaning; nothing where there are none."""
    if entries:
        with formatter.section(title):
            formatter.write_dl(entries)


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    return f"{paragraph.split('. ')[0].rstrip('.')}." if paragraph else ""


def _pieces(parameters: Iterable[Any]) -> list[str]:
    return ["[OPTIONS]", *(_written(parameter) for parameter in parameters if isinstance(parameter, TyperArgument))]


def _write_parameters(parameters: Sequence[Any], formatter: Any) -> None:
    arguments = [_entry(parameter) for parameter in parameters if isinstance(parameter, TyperArgument)]
    options = [_entry(parameter) for parameter in parameters if isinstance(parameter, TyperOption)]
    write_section(formatter, "Arguments", arguments)
    write_section(formatter, "Options", options)


def _entry(parameter: Parameter) -> Entry:
    return _written(parameter), " ".join([parameter.help or "", *_remarks(parameter)])


def _written(parameter: Parameter) -> str:
    name = parameter.metavar or (parameter.name or "").upper()
    if isinstance(parameter, TyperOption):
        return ", ".join(parameter.opts) + ("" if parameter.is_flag else f" {name}")
    return (name if parameter.required else f"[{name}]") + ("..." if parameter.nargs == -1 else "")


def _remarks(parameter: Parameter) -> list[str]:
    remarks = []
    if choices := parameter.type_descriptor.choices:
        remarks.append(f"One of: {', '.join(map(str, choices))}.")
    if isinstance(parameter, TyperOption) and parameter.required:
        remarks.append("Needed.")
    if parameter.show_default and not isinstance(parameter.default, bool) and parameter.default not in (None, "", (), []):
        remarks.append(f"[default: {parameter.default}]")
    return remarks
