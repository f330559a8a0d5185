"""What is said to Redis for one call, and what its answers mean. No I/O: blocking and asyncio code carry it out in their ways."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.exceptions import NoScriptError, ResponseError

from heavylift.errors import NotReplicated
from heavylift.record import Durability
from heavylift.store.calls import Call, Limits
from heavylift.store.script import script
from heavylift.store.troubles import is_full

Reply = TypeVar("Reply")

Command = tuple[Any, ...]

#: Yields what to say in turn on one connection, is sent the replies up to the first error, and returns the answer.
Exchange = Generator[Sequence[Command], Sequence[Any], Reply]


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a store asks. ``replica_deadline`` in seconds is how long a replica has to confirm what is to be durable."""

    partition: str
    limits: Limits
    replica_deadline: float


def exchange(call: Call[Reply], terms: Terms) -> Exchange[Reply]:
    """Ask one thing: again with its text when Redis has forgotten the script, again with leave to grow when Redis is full."""
    keys, by_text = [terms.partition], False
    arguments = call.arguments(terms.limits)
    while True:
        replies = yield [_evaluation(call, keys, arguments, by_text=by_text), *_confirmation(call, terms)]
        reply = replies[0]
        if isinstance(reply, NoScriptError) and not by_text:
            by_text = True
        elif needs_leave(call, reply) and len(keys) == 1:
            keys = [*keys, f"{terms.partition}:nothing"]
        elif isinstance(reply, Exception):
            raise reply
        else:
            _check_confirmed(replies[1:], terms)
            return call.parse(reply)


def needs_leave(call: Call[Any], reply: Any) -> bool:
    """Whether a full Redis has refused what is to be done all the same."""
    return not call.grows and isinstance(reply, ResponseError) and is_full(reply)


def _evaluation(call: Call[Any], keys: Sequence[str], arguments: Sequence[str], *, by_text: bool) -> Command:
    source = script(call.script)
    return ("EVAL" if by_text else "EVALSHA", source.text if by_text else source.sha, len(keys), *keys, *arguments)


def _confirmation(call: Call[Any], terms: Terms) -> Sequence[Command]:
    """WAIT waits for what its own connection has written before, so it follows the script on the same one."""
    return [("WAIT", 1, round(terms.replica_deadline * 1000))] if call.durability is Durability.REPLICA else []


def _check_confirmed(replies: Sequence[Any], terms: Terms) -> None:
    for replicas in replies:
        if isinstance(replicas, Exception):
            raise replicas
        if replicas < 1:
            raise NotReplicated(
                f"Redis has recorded it and no replica confirmed that within {terms.replica_deadline:g} s; it may exist, and "
                "repeating it with the same id is safe"
            )
