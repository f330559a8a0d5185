"""Objects in the object store: which there may be, and which of them no record refers to any more."""

from datetime import timedelta

from heavylift.claim_check import ClaimCheck
from heavylift.state import TERMINAL
from heavylift.store import calls
from heavylift.store.calls import KeptObject, SpareObjects
from heavylift.store.memory.tables import Entry, Tables


def note_object(tables: Tables, call: calls.NoteObject) -> None:
    tables.objects[call.kept] = tables.now() + timedelta(seconds=call.grace)


def forget_objects(tables: Tables, call: calls.ForgetObjects) -> None:
    for kept in call.objects:
        tables.objects.pop(kept, None)


def find_spare_objects(tables: Tables, call: calls.FindSpareObjects) -> SpareObjects:
    due = sorted((at, kept) for kept, at in tables.objects.items() if at <= tables.now())[: call.count]
    spare = tuple(kept for _, kept in due if _is_spare(tables, kept, call))
    return SpareObjects(spare, len(due) == call.count)


def _is_spare(tables: Tables, kept: KeptObject, call: calls.FindSpareObjects) -> bool:
    task, now = tables.tasks.get(kept.task_id), tables.now()
    if task is None or (task.record.state in TERMINAL and kept.name not in _names(task)):
        tables.objects[kept] = now + timedelta(seconds=call.turn)
        return True
    tables.objects[kept] = task.kept_until + timedelta(milliseconds=1) if task.kept_until else now + timedelta(seconds=call.again)
    return False


def _names(task: Entry) -> set[str]:
    former = (text for name, text in task.memos.items() if name.startswith("payload:"))
    checks = (task.record.result, *(ClaimCheck.read(text) for text in (task.record.payload, *former)))
    return {check.name for check in checks if isinstance(check, ClaimCheck)}
