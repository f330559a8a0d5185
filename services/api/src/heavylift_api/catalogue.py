"""What the API knows of the kinds of task: a copy of the published catalogue, with a compiled validator for each.

The copy keeps working while Redis is away.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import structlog

from heavylift.catalogue import Kind, near_names
from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.payload_schema import PayloadSchema
from heavylift.store.calls import Call, Limits
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import KindUnknown, PayloadUnfit
from heavylift_api.schemas import Fault

SHORTEST_PAUSE: Final = 0.2  #: Seconds between two reads, however many unknown kinds are asked for.

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KnownKind:
    """A kind with its version, computed once, and what checks its payloads; None where its schema cannot be compiled."""

    kind: Kind
    version: str
    schema: PayloadSchema | None

    def check(self, payload: Any) -> None:
        """Raise PayloadUnfit, naming each field, unless ``payload`` fits."""
        if self.schema is not None and (faults := self.schema.faults(payload)):
            raise PayloadUnfit([Fault(field=fault.field, message=fault.message) for fault in faults])


@dataclass(frozen=True, slots=True)
class ReadTexts(Call[dict[str, str]]):
    """The catalogue as it was written: a kind that this version cannot read must not hide the others."""

    script = "catalogue"
    repeatable = True

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> dict[str, str]:
        return dict(zip(reply[::2], reply[1::2], strict=True))


class CatalogueCache:
    """Kinds by name. ``follow`` keeps the copy young; an unknown name makes it look at once."""

    def __init__(self, store: TimelyStore, *, age: float) -> None:
        self._store = store
        self._age = age
        self._known: Mapping[str, KnownKind] = {}
        self._unreadable: frozenset[str] = frozenset()
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    @property
    def size(self) -> int | None:
        """How many kinds are known; None before the catalogue was read."""
        return None if self._read_at is None else len(self._known)

    def knows(self, name: str) -> bool:
        """Whether there is a kind of this name in the copy."""
        return name in self._known

    async def follow(self) -> None:
        """Read the catalogue again and again, as often as ``age`` says. Ends by being cancelled."""
        while True:
            with contextlib.suppress(StoreUnavailable, StoreRefused):  # the store has reported it
                await self._refresh()
            await asyncio.sleep(self._age)

    async def find(self, name: str) -> KnownKind:
        """The kind of this name. Raises KindUnknown with near names; StoreUnavailable, StoreRefused when it cannot be known."""
        await self.look_for({name})
        return self.get(name)

    async def look_for(self, names: AbstractSet[str]) -> None:
        """Look once more where one of these is not known. Raises StoreUnavailable, StoreRefused when it cannot be known."""
        if not names <= self._known.keys():
            await self._look_again(lambda: names <= self._known.keys())

    def get(self, name: str) -> KnownKind:
        """The kind of this name as far as is known. Raises KindUnknown, StoreRefused."""
        if name in self._unreadable:
            raise StoreRefused(f"the kind {name!r} was published by a worker of another version, in words unknown here")
        try:
            return self._known[name]
        except KeyError:
            raise KindUnknown(name[:64], near_names(name, self._known)) from None

    async def kinds(self) -> list[KnownKind]:
        """Every kind, by name. Raises StoreUnavailable when the catalogue could never be read."""
        if self._read_at is None:
            await self._look_again(lambda: self._read_at is not None)
        return sorted(self._known.values(), key=lambda known: known.kind.name)

    async def _look_again(self, answered: Callable[[], bool]) -> None:
        """Return when it is ``answered`` or after a read that began later than this call; those who come together share it."""
        asked = _now()
        async with self._store.deadline(), self._reading:  # the time in the queue counts, too
            if answered() or (self._read_at is not None and self._read_at >= asked):
                return
            if self._read_at is not None:
                await asyncio.sleep(self._read_at + SHORTEST_PAUSE - asked)
            await self._read()

    async def _refresh(self) -> None:
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        began = _now()
        texts = await self._store.run(ReadTexts())
        readable = {name: kind for name, text in texts.items() if (kind := self._parse(name, text)) is not None}
        self._known = {name: self._describe(kind) for name, kind in readable.items()}
        self._unreadable = frozenset(texts) - frozenset(readable)
        self._read_at = began

    def _parse(self, name: str, text: str) -> Kind | None:
        try:
            return Kind.from_json(text)
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # by a worker of a version to come
            if name not in self._unreadable:
                log.warning("catalogue.kind_unreadable", kind=name, error_message=f"{type(error).__name__}: {error}")
            return None

    def _describe(self, kind: Kind) -> KnownKind:
        version = kind.version
        known = self._known.get(kind.name)
        if known is not None and known.version == version:
            return known
        return KnownKind(kind, version, compile_payload_schema(kind))


def _now() -> float:
    return asyncio.get_running_loop().time()


def compile_payload_schema(kind: Kind) -> PayloadSchema | None:
    """What checks the payloads of a kind, None where its schema cannot be compiled."""
    try:
        return PayloadSchema.compile(kind.payload_schema)
    except ValueError as error:
        # The worker validates too, so the kind stays usable.
        log.warning("catalogue.schema_invalid", kind=kind.name, error_message=str(error).splitlines()[0])
        return None
