"""The published schema of a kind, made ready to check payloads against it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import jsonschema_rs

from heavylift.faults import Fault

MOST_FAULTS: Final = 20  #: Faults of one payload that are told; a list of a thousand bad items needs no thousand sentences.
LONGEST_MESSAGE: Final = 300  #: Characters of one fault: the validator quotes the value, which may be large.


@dataclass(frozen=True, slots=True)
class PayloadSchema:
    """Says what is wrong with a payload."""

    _validator: jsonschema_rs.Draft202012Validator = field(repr=False)

    @classmethod
    def compile(cls, schema: Mapping[str, Any]) -> "PayloadSchema":
        """Raises ValueError where the schema is none."""
        # Offline: a schema comes from a worker and must not make anybody fetch addresses.
        return cls(jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True, offline=True))

    def faults(self, payload: Any) -> list[Fault]:
        """What is wrong with ``payload``, field by field; nothing where it fits."""
        if self._validator.is_valid(payload):
            return []
        return [fault for error in islice(self._validator.iter_errors(payload), MOST_FAULTS) for fault in _faults(error)]


def _faults(error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    """A fault at its field: what is missing or not known is named itself, not the object around it."""
    path = ("payload", *error.instance_path)
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            yield _fault((*path, name), "is missing")
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
            yield from (_fault((*path, name), "is not a field of this kind") for name in names[:MOST_FAULTS])
        case _:
            yield _fault(path, error.message)


def _fault(path: tuple[str | int, ...], message: str) -> Fault:
    return Fault(".".join(map(str, path)), message if len(message) <= LONGEST_MESSAGE else f"…{message[-LONGEST_MESSAGE:]}")
