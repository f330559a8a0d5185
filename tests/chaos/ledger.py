"""Every state that a record was ever written with, in order, from the append-only file of the Redis under test.

Scripts put their effects into this file one by one and before anybody gets an answer, so it is the whole truth about what was
committed and how often; a record itself shows only the last of it. Nothing may rewrite the file meanwhile.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import hiredis

from heavylift.state import State
from heavylift.store.calls import effect_field
from tests.chaos.history import Birth, Effect, Move

_CHUNK: Final = 1 << 20  # bytes
_EFFECT: Final = effect_field("")


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that was written of records, in its order."""

    births: tuple[Birth, ...]
    moves: tuple[Move, ...]
    effects: tuple[Effect, ...]


def read(directory: Path) -> Ledger:
    """Births, moves and effects of all records."""
    births: list[Birth] = []
    moves: list[Move] = []
    effects: list[Effect] = []
    fences: dict[str, int] = {}
    for key, fields, inherited in _writes(directory):
        task = key.partition(":task:")[2]
        if "kind" in fields:
            births.append(Birth(task, str(json.loads(fields["payload"])["token"]), inherited))
        if "fence" in fields:
            fences[task] = int(fields["fence"])
        if "state" in fields:
            ended_at = fields.get("ended_at")
            moves.append(Move(task, State(fields["state"]), fences[task], int(ended_at) / 1000 if ended_at else None))
        if not inherited:  # the fence of an inherited one is not known
            effects += [Effect(task, fences[task], name.removeprefix(_EFFECT)) for name in fields if name.startswith(_EFFECT)]
    return Ledger(tuple(births), tuple(moves), tuple(effects))


def _writes(directory: Path) -> Iterator[tuple[str, dict[str, str], bool]]:
    """Each write to a record: its key, the fields, and whether it came with a copy of another server's data.

    A copy is written as HMSET, and what scripts do as HSET.
    """
    for command in _committed(_commands(directory)):
        name = command[0].upper()
        if name in (b"HSET", b"HMSET") and b":task:" in command[1]:
            words = [word.decode() for word in command[1:]]
            yield words[0], dict(zip(words[1::2], words[2::2], strict=True)), name == b"HMSET"


def _committed(commands: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
    """All commands but those of transactions that have no end: Redis was killed while it wrote them, and did not keep them.

    It cuts the file off in the middle of such a transaction, and goes on writing behind it.
    """
    transaction: list[list[bytes]] | None = None
    for command in commands:
        match command[0].upper():
            case b"MULTI":
                transaction = []
            case b"EXEC":
                yield from transaction or ()
                transaction = None
            case _ if transaction is not None:
                transaction.append(command)
            case _:
                yield command


def _commands(directory: Path) -> Iterator[list[bytes]]:
    for path in _files(directory):
        reader = hiredis.Reader()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                reader.feed(chunk)
                while command := reader.gets():
                    yield command


def _files(directory: Path) -> list[Path]:
    """Redis 7 keeps a folder of a base and what came after it, in an order that it writes down; earlier ones keep one file.

    The base of a server that began empty is an empty snapshot, which is not in the form of commands.
    """
    manifest = directory / "appendonlydir" / "appendonly.aof.manifest"
    if not manifest.exists():
        return [directory / "appendonly.aof"]
    lines = (line.split() for line in manifest.read_text().splitlines())
    parts = [dict(zip(line[::2], line[1::2], strict=True)) for line in lines]
    kept = [part for part in parts if part["type"] != "h" and part["file"].endswith(".aof")]
    return [manifest.parent / part["file"] for part in sorted(kept, key=lambda part: (part["type"] != "b", int(part["seq"])))]
