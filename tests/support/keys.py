"""Keys for tests that are about them."""

from typing import Any

from heavylift.access import KeyText, NewKey, Scope, new_key
from heavylift.store.calls import AddKey
from heavylift.store.redis import RedisStore

ADMIN = new_key()  #: The first key of an API that is given it in a file.


def make_key(store: RedisStore, *scopes: Scope, tenant: str = "", **more: Any) -> KeyText:
    """A key that the store knows."""
    text = new_key()
    store.run(AddKey(NewKey(id=text.id, digest=text.digest, name="test", scopes=scopes, tenant=tenant, **more)))
    return text


def bearer(key: KeyText | str) -> dict[str, str]:
    """The header that shows a key."""
    return {"Authorization": f"Bearer {key if isinstance(key, str) else key.text}"}
