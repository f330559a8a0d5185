"""Objects in the object store: which there may be, and which of them no record refers to any more.

Each is noted before it is made, so none is ever made that nobody knows of, and deleting them needs no look into the object store.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from heavylift.store.calls.call import Call, Limits, milliseconds

GRACE: Final = 3600.0  #: Seconds that an object has, from its note on, to be referred to by a record.
LOOK_AGAIN: Final = 600.0  #: Seconds between two looks at an object whose record has no end to its life yet.
TURN: Final = 300.0  #: Seconds that whoever has found spare objects has to delete them, before another is told of them.


class KeptObject(NamedTuple):
    """The name of an object, without blanks, and the id of the task that it is for."""

    name: str
    task_id: str


@dataclass(frozen=True, slots=True)
class NoteObject(Call[None]):
    """An object is about to be made for a task. It has ``grace`` seconds to be referred to by a record."""

    script = "note_object"
    repeatable = True
    grows = True
    kept: KeptObject
    grace: float = GRACE

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [_member(self.kept), str(milliseconds(self.grace))]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True)
class SpareObjects:
    """Objects that no record refers to, nor will any, and whether there is ``more`` to look at."""

    objects: tuple[KeptObject, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class FindSpareObjects(Call[SpareObjects]):
    """Look at ``count`` of the objects at most, those whose time has come. There is no harm in several who do.

    Those of records that have no end yet are looked at ``again`` after so many seconds. What is found is told to nobody else for
    ``turn`` seconds: delete it, and then ForgetObjects.
    """

    script = "spare_objects"
    count: int = 200
    again: float = LOOK_AGAIN
    turn: float = TURN

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(self.count), str(milliseconds(self.again)), str(milliseconds(self.turn))]

    def parse(self, reply: Any) -> SpareObjects:
        more, *members = reply
        return SpareObjects(tuple(KeptObject(*member.split(" ", 1)) for member in members), bool(more))


@dataclass(frozen=True, slots=True)
class ForgetObjects(Call[None]):
    """These objects are gone."""

    script = "forget_objects"
    repeatable = True
    objects: tuple[KeptObject, ...]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [_member(kept) for kept in self.objects]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


def _member(kept: KeptObject) -> str:
    return f"{kept.name} {kept.task_id}"
