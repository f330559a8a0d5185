"""Writes docs/cli.md from the pages of ``--help`` and the exit codes: ``make docs``."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from heavylift.cli import exit_codes
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.parsing import behind, root
from heavylift.cli.words import SECTIONS, Section

PAGE: Final = Path(__file__).with_name("cli.md")
WIDTH: Final = 98  #: Characters of a line of help.

HEAD: Final = """\
# The command `heavylift`

<!-- Written by `make docs` from what the command says of itself; a test compares the two. Change the command, not this page. -->

    pip install 'heavylift[cli]'
    heavylift --install-completion          # for bash, zsh, fish and PowerShell; kinds and queues are completed, too

    heavylift submit image.thumbnails '{"source": "cat.jpg", "sizes": [64]}'      # writes the id
    heavylift submit image.thumbnails @request.json --follow                      # shows it run, and writes its result
    heavylift submit demo.sleep --field seconds=3 --wait                          # the result alone
    heavylift list --state failed --kind image.thumbnails
    heavylift watch ID ID ID
    heavylift why ID

**Where Heavylift is** says `HEAVYLIFT_URL`, or `--url`; without either it is what `heavylift dev` starts. **Who calls** says the
key in `HEAVYLIFT_KEY_FILE` or `HEAVYLIFT_KEY`; at a terminal a key is asked for where one is missing. No option takes a key, as
others on the machine can read those. `heavylift keys` speaks with Redis itself, as `HEAVYLIFT_STORE_…` say: it works without the
API, and makes the first key.

**Output.** At a terminal tables are fitted to it: columns are left out and texts cut, ids never. In a pipe nothing is cut or
coloured; `NO_COLOR` takes the colours at a terminal, too. What is beside the answer (hints, the id under `--wait`, errors) goes
to standard error.

**`--json`** writes what [the API](openapi.json) tells, under the same names: one document for one thing, an array for many. What
goes on (`watch`, `logs`, `submit --follow`) is one document a line, as it happens; an event is
`{"task": ID, "event": "state" | "progress" | "log" | "dropped" | "end", "id": …, "data": {…}}`. Members are added in time and not
taken away.

**Errors** are one sentence on standard error that names the field and the fix. The **exit code** says what to do:
"""


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, _exit_codes(), *(_section(section) for section in SECTIONS)])


def _exit_codes() -> str:
    meanings = dict(re.findall(r"^    ([A-Z_]+) = \d+  #: (.*)$", inspect.getsource(exit_codes), re.MULTILINE))
    return "\n".join(["| exit code | |", "|---|---|", *(f"| {code.value} | {meanings[code.name]} |" for code in ExitCode), ""])


def _section(section: Section) -> str:
    top = typer.Context(root(), info_name="heavylift", terminal_width=WIDTH)
    pages = [_page(command, help_) for word in section.words for command, help_ in _helps(behind(word.name), top, word.name)]
    return "\n".join([f"## {section.title}", "", *pages])


def _page(command: str, help_: str) -> str:
    return f"### `{command}`\n\n```text\n{help_}\n```\n"


def _helps(command: Any, parent: typer.Context, name: str) -> Iterator[tuple[str, str]]:
    context = typer.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
    yield context.command_path, command.get_help(context)
    for inner in getattr(command, "commands", {}).values():
        yield from _helps(inner, context, inner.name)


if __name__ == "__main__":
    PAGE.write_text(render())
