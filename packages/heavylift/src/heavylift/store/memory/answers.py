"""Requests that may be repeated: what was answered to the first."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from heavylift.idempotency import IdempotencyKey
from heavylift.record import Accepted, Standing
from heavylift.store import calls
from heavylift.store.memory.tables import KeptAnswer, Tables

Answer = TypeVar("Answer", Accepted, calls.Opened)


def answered(tables: Tables, key: IdempotencyKey, kind: type[Answer]) -> Answer | None:
    """What was answered under this key, if anything was. The keys of different kinds of answers have different names."""
    kept = tables.answers.get(key.name)
    if kept is None or not isinstance(kept.answer, kind):
        return None
    return replace(kept.answer, standing=Standing.REPEATED if kept.fingerprint == key.fingerprint else Standing.REUSED)


def keep_answer(tables: Tables, key: IdempotencyKey, answer: Accepted | calls.Opened) -> None:
    """Let it be the answer to whoever asks again."""
    tables.answers[key.name] = KeptAnswer(key.fingerprint, answer, tables.now() + timedelta(seconds=key.keep))
