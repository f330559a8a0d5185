"""``heavylift keys``: keys for the API, made and taken back. Speaks with the store itself: so the first one can be made, too."""

import re
from typing import Annotated

import typer

from heavylift.access import ApiKey, NewKey, Scope, new_key
from heavylift.audit import Action
from heavylift.cli.app import new_group
from heavylift.cli.options import AsJson, read_duration
from heavylift.cli.shown.keys import say_key, say_keys, say_new_key
from heavylift.cli.terminal import say
from heavylift.cli.witnessed import witnessed
from heavylift.errors import ConfigurationInvalid
from heavylift.record import Durability
from heavylift.settings import StoreSettings
from heavylift.store.calls import AddKey, KeyStanding, ReadKeys, RevokeKey, RotateKey
from heavylift.store.redis import RedisStore

app = new_group("Keys for the API: who may do what. Needs Redis (HEAVYLIFT_STORE_URL), and no API.")

KeyId = Annotated[str, typer.Argument(metavar="ID", help="Id of the key: what follows hl_.")]


@app.word()
def create(
    name: Annotated[str, typer.Option(metavar="TEXT", help="Who uses it and for what.")],
    scope: Annotated[
        list[Scope], typer.Option(metavar="SCOPE", help="What it is good for; may be said several times. `admin` is all.")
    ],
    tenant: Annotated[str, typer.Option(metavar="NAME", help="Whose tasks it makes and sees.", show_default=False)] = "",
    expires_in: Annotated[
        float | None,
        typer.Option(parser=read_duration, metavar="TIME", help="When it is good for nothing any more: 12h, 30d."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is told this once."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{0,64}", tenant):
        raise typer.BadParameter("a tenant has up to 64 letters, digits, _, . and -", param_hint="--tenant")
    text = new_key()
    scopes = tuple(dict.fromkeys(scope))
    wanted = NewKey(id=text.id, digest=text.digest, name=name, scopes=scopes, tenant=tenant, lifetime=expires_in)
    told = {"scopes": wanted.scopes, "tenant": tenant}
    with _store() as store, witnessed(store, Action.CREATE_KEY, [text.id], name=name, **told):
        reply = store.run(AddKey(wanted, durability=_durability()))
        if reply.key is None:
            full = reply.standing is KeyStanding.FULL
            raise ConfigurationInvalid("there are too many keys: revoke some that nobody uses" if full else "try again")
    say_new_key(reply.key, text, as_json=as_json)


@app.word("list")
def list_(as_json: AsJson = False) -> None:
    """Show all keys, without their secrets."""
    with _store() as store:
        say_keys(store.run(ReadKeys()).keys or (), as_json=as_json)


@app.word()
def rotate(
    key_id: KeyId,
    grace: Annotated[
        str, typer.Option(metavar="TIME", help="For how long the secret before counts, too: 0s for one that has leaked.")
    ] = "1h",
    as_json: AsJson = False,
) -> None:
    """Give a key another secret. It is told this once."""
    text = new_key(key_id)
    seconds = read_duration(grace)
    with _store() as store, witnessed(store, Action.ROTATE_KEY, [key_id], grace=seconds):
        key = _existing(key_id, store.run(RotateKey(key_id, text.digest, seconds, durability=_durability())))
        if key.digest != text.digest:
            raise ConfigurationInvalid(f"the key {key_id} is revoked or has expired; make a new one")
    say_new_key(key, text, as_json=as_json)


@app.word()
def revoke(key_id: KeyId, as_json: AsJson = False) -> None:
    """Take a key back, for good. Every process of the API refuses it within seconds."""
    with _store() as store, witnessed(store, Action.REVOKE_KEY, [key_id]):
        key = _existing(key_id, store.run(RevokeKey(key_id, durability=_durability())))
    say_key(key, as_json=as_json)


@app.word()
def generate() -> None:
    """Make up a key and tell it, without asking anybody: for the file of HEAVYLIFT_API_FIRST_KEY_FILE."""
    say(new_key().text)


def _store() -> RedisStore:
    return RedisStore.of(StoreSettings.load())


def _durability() -> Durability:
    return Durability(StoreSettings.load().durability)


def _existing(key_id: str, key: ApiKey | None) -> ApiKey:
    if key is None:
        raise ConfigurationInvalid(f"no key has the id {key_id}; heavylift keys list shows all")
    return key
