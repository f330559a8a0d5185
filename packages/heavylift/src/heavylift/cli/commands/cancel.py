"""``heavylift cancel``: tasks and batches are called off."""

from heavylift.cli.app import new_app
from heavylift.cli.choosing import All, Ids, TaskChoice, check_choice, given
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.in_bulk import AtMost, tell_outcome
from heavylift.cli.options import AsJson, Yes
from heavylift.cli.plain import plain
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import counted
from heavylift.client.surface import MOST
from heavylift.client.values import BatchCancelled, Task

app = new_app()


@app.word("cancel")
def cancel(
    choice: TaskChoice,
    ids: Ids = None,
    all_: All = False,
    limit: AtMost = None,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Call tasks off: at once while they wait; those that run are asked to end. `--batch` alone needs no `--yes`."""
    check_choice(ids, choice, everything=all_)
    if choice.batch and len(given(choice)) == 1 and limit is None:
        return _cancel_batch(choice.batch, url, as_json=as_json)
    with connect(url) as client:
        if ids:
            return tell_each(client, ids, lambda id_: _told(client.task(id_).cancel()), as_json=as_json)
        outcome = client.cancel_many(all=all_, limit=limit or MOST, dry_run=not yes, **choice.which)
    return tell_outcome(outcome, as_json=as_json)


def _told(task: Task) -> str:
    return "cancelled" if task.ended else "runs, and is asked to end"


def _cancel_batch(batch: str, url: str | None, *, as_json: bool) -> ExitCode:
    with connect(url) as client:
        done: BatchCancelled = client.batch_of(batch).cancel()
    if as_json:
        say_json(plain(done))
    else:
        say(f"{counted(done.cancelled, 'task')} cancelled; {counted(done.asked, 'task')} running, and asked to end.")
    return ExitCode.DONE
