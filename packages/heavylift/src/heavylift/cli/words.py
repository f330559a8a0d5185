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
        "Operating",
        (
            _word("dlq", "Dead letters: tasks that failed, until they are replayed or discarded."),
            _word("keys", "Keys for the API: who may do what."),
        ),
    ),
    Section("Running", (_word("dev", "Run everything on this machine: Redis, a worker and the API."),)),
)

WORDS: Final = {word.name: word for section in SECTIONS for word in section.words}

#: The section that services of installed packages join.
RUNNING: Final = "Running"
