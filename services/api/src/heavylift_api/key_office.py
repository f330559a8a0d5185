"""Keys are made, rotated and revoked."""

from typing import Any

from heavylift.access import ApiKey, KeyText, NewKey, new_key
from heavylift.record import Durability
from heavylift.store.calls import AddKey, KeyStanding, ReadKeys, RevokeKey, RotateKey
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import KeyNotFound, KeyOver, KeysFull, SubmissionInvalid
from heavylift_api.key_shapes import KeyList, KeyRequest, KeyRotation, KeyView, NewKeyView
from heavylift_api.schemas import Fault


class KeyOffice:
    """Makes keys for callers, and takes them back. An administrator of a tenant has to do with the keys of that tenant only."""

    def __init__(self, store: TimelyStore, durability: Durability) -> None:
        self._store = store
        self._durability = durability

    async def create(self, caller: Caller, request: KeyRequest, text: KeyText) -> NewKeyView:
        """A new key, which is ``text``. Raises SubmissionInvalid, KeysFull."""
        wanted = NewKey(
            id=text.id,
            digest=text.digest,
            name=request.name,
            scopes=request.scopes,
            tenant=_tenant(caller, request),
            lifetime=request.expires_in,
        )
        reply = await self._store.run(AddKey(wanted, durability=self._durability))
        if reply.key is None:
            raise KeysFull if reply.standing is KeyStanding.FULL else AssertionError("a random id was taken")
        return NewKeyView(**_told(reply.key), key=text.text)

    async def list(self, caller: Caller) -> KeyList:
        """All keys that the caller has to do with."""
        keys = (await self._store.run(ReadKeys())).keys or ()
        return KeyList(keys=tuple(KeyView(**_told(key)) for key in keys if caller.reach in (None, key.tenant)))

    async def rotate(self, caller: Caller, id_: str, request: KeyRotation) -> NewKeyView:
        """Another secret for a key. Raises KeyNotFound, KeyOver."""
        text = new_key(id_)
        key = await self._store.run(RotateKey(id_, text.digest, request.grace, caller.reach, durability=self._durability))
        if _existing(id_, key).digest != text.digest:
            raise KeyOver
        return NewKeyView(**_told(_existing(id_, key)), key=text.text)

    async def revoke(self, caller: Caller, id_: str) -> KeyView:
        """The key, which is good for nothing any more. Raises KeyNotFound."""
        key = await self._store.run(RevokeKey(id_, caller.reach, durability=self._durability))
        return KeyView(**_told(_existing(id_, key)))


def _tenant(caller: Caller, request: KeyRequest) -> str:
    if caller.reach is not None and request.tenant not in (None, caller.tenant):
        raise SubmissionInvalid([Fault(field="tenant", message="is not yours to give; leave it out")])
    return caller.tenant if request.tenant is None else request.tenant


def _existing(id_: str, key: ApiKey | None) -> ApiKey:
    if key is None:
        raise KeyNotFound(f"no key has the id {id_}")
    return key


def _told(key: ApiKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in KeyView.model_fields}
