"""The shapes of keys: what is asked for, and what is told."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from heavylift.access import Scope
from heavylift_api import examples
from heavylift_api.schemas import Moment, Seconds, Shape, TenantName

LONGEST_GRACE: Final = 30 * 86_400


class KeyRequest(BaseModel):
    """A key that is to be made."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.KEY_REQUESTS})

    name: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="What people call it: who uses it and for what.",
    )
    scopes: tuple[Scope, ...] = Field(
        min_length=1, max_length=len(Scope), description="What it is good for. `admin` includes all."
    )
    tenant: TenantName | None = Field(
        None,
        description="Whose tasks it makes and sees; empty for those of nobody in particular. Left out: that of the key that "
        "asks, which is the only one that a key with a tenant may give.",
    )
    expires_in: Seconds | None = Field(
        None, gt=0, le=10 * 366 * 86_400, description="Seconds after which it is good for nothing. Left out: it does not expire."
    )

    @field_validator("scopes")
    @classmethod
    def _are_each_said_once(cls, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
        return tuple(dict.fromkeys(scopes))


class KeyRotation(BaseModel):
    """A key that is to get another secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.KEY_ROTATIONS})

    grace: Seconds = Field(
        3600.0, ge=0, le=LONGEST_GRACE, description="Seconds for which the secret before counts, too. 0 for one that has leaked."
    )


class KeyView(Shape):
    """What is known of a key. Its secret is not."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.KEY]})

    id: str
    name: str
    scopes: tuple[Scope, ...]
    tenant: str = Field(description="Whose tasks it makes and sees; empty for those of nobody in particular.")
    created_at: Moment
    expires_at: Moment | None
    rotated_at: Moment | None
    former_until: Moment | None = Field(description="Until when the secret before the last rotation counts, too.")
    revoked_at: Moment | None
    used_at: Moment | None = Field(description="When it was last used, give or take a minute.")


class NewKeyView(KeyView):
    """A key with its secret, which is told this once and kept nowhere."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NEW_KEY]})

    key: str = Field(description="The whole key, for the header Authorization. Keep it where secrets are kept.")


class KeyList(Shape):
    """Keys, the oldest first, those that are revoked included."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"keys": [examples.KEY]}]})

    keys: tuple[KeyView, ...]
