"""What a direct client knows of the kinds: a copy of the published catalogue, with a compiled schema for each."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from heavylift.catalogue import Kind, near_names
from heavylift.client.asks import Steps
from heavylift.client.direct.asking import asked
from heavylift.client.errors import KindUnknown, PayloadUnfit, Said, faulty
from heavylift.payload_schema import PayloadSchema
from heavylift.store.calls import ReadCatalogue

AGE: Final = 5.0  #: Seconds after which it is read again, as by the API.
SHORTEST_AGE: Final = 0.2  #: Seconds between two reads, however many unknown kinds are asked for.


@dataclass(slots=True)
class KnownKind:
    """A kind, and what checks its payloads; None where its schema cannot be compiled: the worker validates, too."""

    kind: Kind
    schema: PayloadSchema | None = field(repr=False)

    @classmethod
    def of(cls, kind: Kind) -> "KnownKind":
        """Ready to check payloads."""
        try:
            return cls(kind, PayloadSchema.compile(kind.payload_schema))
        except ValueError:
            return cls(kind, None)

    def check(self, payload: Any) -> None:
        """Raise PayloadUnfit, naming each field, unless ``payload`` fits."""
        if self.schema is not None and (faults := self.schema.faults(payload)):
            raise faulty(faults, PayloadUnfit)


class DirectCatalogue:
    """Kinds by name. An unknown name makes it look at once."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._known: Mapping[str, KnownKind] = {}
        self._read_at = -AGE

    def find(self, name: str) -> Steps[KnownKind]:
        """The kind of this name. Raises KindUnknown with near names."""
        age = time.monotonic() - self._read_at
        if age >= AGE or (name not in self._known and age >= SHORTEST_AGE):
            yield from self._read()
        if name in self._known:
            return self._known[name]
        near = near_names(name, self._known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise KindUnknown(f"no worker has published a kind named {name[:64]!r}{hint}", Said(near=tuple(near)))

    def kinds(self) -> Steps[list[Kind]]:
        """Every kind, by name."""
        yield from self._read()
        return [self._known[name].kind for name in sorted(self._known)]

    def _read(self) -> Steps[None]:
        began = time.monotonic()
        kinds = yield from asked(ReadCatalogue(), self._patience)
        self._known = {name: self._described(kind) for name, kind in kinds.items()}
        self._read_at = began

    def _described(self, kind: Kind) -> KnownKind:
        known = self._known.get(kind.name)
        return known if known is not None and known.kind == kind else KnownKind.of(kind)
