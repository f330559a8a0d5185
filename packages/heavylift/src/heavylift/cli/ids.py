"""Ids of tasks as people give them: what is nearly one of a known task is named."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Final

import typer

from heavylift.client import Client
from heavylift.client.errors import TaskUnknown
from heavylift.errors import HeavyliftError

_NEWEST: Final = 200  #: Tasks among which a mistyped id is looked for: a page of them.

TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id.", show_default=False)]
TaskIds = Annotated[list[str], typer.Argument(metavar="ID", help="Ids of tasks.", show_default=False)]


@contextmanager
def known(client: Client, task_id: str) -> Iterator[None]:
    """Where there is no such task, the sentence says which may have been meant."""
    try:
        yield
    except TaskUnknown as error:
        near = _near(client, task_id)
        raise TaskUnknown(f"{error}; did you mean {near}?" if near else str(error), error.said) from error


def _near(client: Client, task_id: str) -> str | None:
    with suppress(HeavyliftError):  # this only helps; what went wrong was said
        ids = [task.id for task in islice(client.list(), _NEWEST)]
        begun = [id_ for id_ in ids if len(task_id) > 3 and (id_.startswith(task_id) or id_.endswith(task_id))]
        return next(iter([*begun, *get_close_matches(task_id, ids, n=1, cutoff=0.9)]), None)
    return None
