"""Which kinds of task there are."""

from dataclasses import dataclass
from typing import Any

from heavylift.catalogue import Kind
from heavylift.store.calls.call import Call, Limits, pairs


@dataclass(frozen=True, slots=True)
class Publish(Call[None]):
    """A worker publishes the kinds that it can run."""

    script = "publish"
    kinds: tuple[Kind, ...]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [part for kind in self.kinds for part in (kind.name, kind.to_json())]

    def parse(self, reply: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class ReadCatalogue(Call[dict[str, Kind]]):
    """Every kind that a worker has published, by name."""

    script = "catalogue"
    repeatable = True

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> dict[str, Kind]:
        return {name: Kind.from_json(text) for name, text in pairs(reply)}
