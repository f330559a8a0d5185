"""All words of the command: what each does in one line, and where it is found."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and the module whose ``app`` is behind it. The module is loaded when the word is said."""

    name: str
    summary: str
    module: str


@dataclass(frozen=True, slots=True)
class Section:
    """Words that belong together."""

    title: str
    words: tuple[Word, ...]


def _word(name: str, summary: str) -> Word:
    return Word(name, summary, f"heavylift.cli.commands.{name}")


#: In the order in which the help shows them.
SECTIONS: Final = (
    Section(
        "Tasks",
        (
            _word("submit", "Submit a task, and write its id."),
            _word("get", "Show all that is known of a task, with the history of its attempts."),
            _word("list", "Show tasks, the newest first."),
            _word("watch", "Watch tasks or a batch until they have ended: states, progress and lines of log."),
            _word("logs", "Show what a task has logged, the oldest line first."),
            _word("why", "Say why a task is where it is, and when it will probably start."),
            _word("cancel", "Call tasks off: at once while they wait; those that run are asked to end."),
            _word("replay", "Let tasks that failed begin anew, under their ids; `heavylift dlq replay` does many by a filter."),
            _word("retry", "Let tasks begin now that wait for a delay, or for their next try."),
            _word("kinds", "Show the kinds of task that workers can run."),
        ),
    ),
    Section(
        "Operating",
        (
            _word("dlq", "Dead letters: tasks that failed, until they are replayed or discarded."),
            _word("queues", "Queues: what waits where, and since when; pause, limit and empty them."),
            _word("workers", "Show the children of workers that live, and what they run."),
            _word("schedules", "Schedules: tasks that come again and again; put, pause, trigger and drop them."),
            _word("scaling", "Scaling: how many workers each pool has, and why; override and freeze it for a while."),
            _word("audit", "Show what operators did, the latest first."),
            _word("keys", "Keys for the API: who may do what."),
        ),
    ),
    Section("Running", (_word("dev", "Run everything on this machine: Redis, a worker, a scheduler and the API."),)),
)

WORDS: Final = {word.name: word for section in SECTIONS for word in section.words}

#: The section that services of installed packages join.
RUNNING: Final = "Running"
