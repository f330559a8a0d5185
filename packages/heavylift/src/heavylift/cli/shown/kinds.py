"""How kinds of task are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Any, Final

from heavylift.cli.fields import readable, say_fields
from heavylift.cli.fitting import Column
from heavylift.cli.tables import say_table
from heavylift.cli.terminal import say
from heavylift.client.values import KindInfo

_COLUMNS: Final = (Column("KIND", whole=True), Column("QUEUE", spare=1), Column("TAKES"), Column("DOES", spare=2))


def say_kinds(kinds: Sequence[KindInfo]) -> None:
    """A line for each."""
    if kinds:
        say_table(_COLUMNS, [(kind.name, kind.queue, _takes(kind.payload_schema), kind.description) for kind in kinds])
    else:
        say("No worker has published a kind yet: start one, with heavylift worker or heavylift dev.")


def say_kind(kind: KindInfo) -> None:
    """All of one."""
    say_fields(
        {
            "kind": kind.name,
            "does": kind.description,
            "queue": f"{kind.queue}, priority {kind.priority}",
            "timeout": None if kind.timeout is None else f"{kind.timeout:g} s",
            "tries": str(kind.retry.max_attempts),
            "payload": readable(kind.payload_schema),
            "result": readable(kind.result_schema),
        }
    )


def _takes(schema: dict[str, Any]) -> str:
    """The fields of a payload; those in brackets may be left out."""
    needed = schema.get("required", ())
    return ", ".join(name if name in needed else f"[{name}]" for name in schema.get("properties", {}))
