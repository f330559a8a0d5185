"""The same done to several tasks, of which each may go another way."""

from collections.abc import Callable, Sequence

from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.failures import code_of
from heavylift.cli.ids import known
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import one_line
from heavylift.client import Client
from heavylift.client.errors import Refused, ScopeMissing, Unauthenticated


def tell_each(client: Client, ids: Sequence[str], do: Callable[[str], str], *, as_json: bool) -> ExitCode:
    """Do it to each and say what came of it, a line each; 1 when it could not be done to all."""
    told = [_attempt(client, task_id, do) for task_id in ids]
    if as_json:
        say_json([{"id": task_id, "changed": changed, "told": says} for task_id, changed, says in told])
    else:
        for task_id, _, says in told:
            say(f"{one_line(task_id)}  {one_line(says)}")
    return ExitCode.DONE if all(changed for _, changed, _ in told) else ExitCode.TASK_FAILED


def _attempt(client: Client, task_id: str, do: Callable[[str], str]) -> tuple[str, bool, str]:
    try:
        with known(client, task_id):
            return task_id, True, do(task_id)
    except Refused as refusal:
        if code_of(refusal) not in (ExitCode.NOT_FOUND, ExitCode.REFUSED) or isinstance(refusal, Unauthenticated | ScopeMissing):
            raise
        return task_id, False, str(refusal)
