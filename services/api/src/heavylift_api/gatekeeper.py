"""Says who calls, by what stands in the header Authorization."""

from collections.abc import Iterable
from typing import Final, Protocol

from heavylift.access import Verdict, read_key
from heavylift.telemetry import KeyRefused, Reporter
from heavylift_api.callers import ANYBODY, Caller
from heavylift_api.errors import Unauthenticated
from heavylift_api.keyring import Keyring

_BEARER: Final = b"bearer "
_MISSING: Final = "no key came with the request; send it as Authorization: Bearer hl_…"
_MALFORMED: Final = "Authorization holds no key of this service, or not all of it; send it as Bearer hl_…"
_WRONG: Final = "the key is not known here: it was mistyped, or belongs to another installation, or was rotated"
_OVER: Final = {
    Verdict.REVOKED: "the key was revoked; ask for another one",
    Verdict.EXPIRED: "the key has expired; ask for another one",
}

Headers = Iterable[tuple[bytes, bytes]]


class Gatekeeper(Protocol):
    """Says who calls."""

    async def admit(self, headers: Headers) -> Caller:
        """Who calls. Raises Unauthenticated; StoreUnavailable, StoreRefused when that cannot be known now."""
        ...


class KeyGatekeeper:
    """Asks for a key."""

    def __init__(self, keyring: Keyring, reporter: Reporter) -> None:
        self._keyring = keyring
        self._reporter = reporter

    async def admit(self, headers: Headers) -> Caller:
        """Who calls, by a key that is good."""
        said = next((value for name, value in headers if name == b"authorization"), None)
        if said is None:
            raise self._refused("missing", _MISSING)
        text = read_key(said[len(_BEARER) :].decode("latin-1")) if said[: len(_BEARER)].lower() == _BEARER else None
        if text is None:
            raise self._refused("malformed", _MALFORMED)
        found = await self._keyring.find(text.id)
        if found is None:
            raise self._refused("unknown", _WRONG, text.id)
        key, caller = found
        verdict = key.judge(text.digest, self._keyring.now)
        if verdict is not Verdict.ADMITTED:
            raise self._refused(verdict, _OVER.get(verdict, _WRONG), text.id)
        self._keyring.note_use(text.id)
        return caller

    def _refused(self, reason: str, detail: str, id_: str = "") -> Unauthenticated:
        self._reporter.report(KeyRefused(reason=reason, key=id_))
        return Unauthenticated(detail, shown=reason != "missing")


class OpenGate:
    """Asks for nothing: on a machine that nobody else reaches."""

    async def admit(self, headers: Headers) -> Caller:  # noqa: ARG002
        """Anybody."""
        return ANYBODY
