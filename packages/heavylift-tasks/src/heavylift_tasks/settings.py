"""What can be set for the shipped tasks. Read when a task runs, so that a worker without mail or pictures needs none of it."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import EmailStr, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from heavylift.settings import Settings


class ImageSettings(Settings):
    """Which pictures may be worked on."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_IMAGE_")

    folder: Path | None = Field(
        None,
        description="Folder in which `source.path` is looked up and thumbnails are written; no path leads out of it. Unset, "
        "pictures come in the payload only, so nobody who may submit can read the worker's files.",
    )
    max_pixels: int = Field(
        50_000_000,
        ge=1,
        le=89_000_000,
        description="Pixels (width times height) that a picture may have. A small file can unpack to gigabytes; 50 million take "
        "about 150 MB of memory and are more than most cameras make.",
    )


class MailSettings(Settings):
    """The mail server that messages are handed to."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_MAIL_")

    host: str = Field("127.0.0.1", min_length=1, description="Host of the SMTP server. The default is a relay on this machine.")
    port: int = Field(25, ge=1, le=65535, description="Port of the SMTP server: 25 for a relay, 587 for STARTTLS, 465 for TLS.")
    encryption: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto",
        description="`auto` uses STARTTLS where the server offers it, `starttls` insists on it, `tls` speaks TLS from the first "
        "byte, `none` never encrypts.",
    )
    sender: EmailStr = Field("heavylift@example.com", description="Address that messages come from.")
    username: str | None = Field(None, description="Name to sign in with. Unset, nobody signs in.")
    password: SecretStr | None = Field(
        None, validate_default=True, description="Password that goes with `HEAVYLIFT_MAIL_USERNAME`. Secret."
    )
    timeout: float = Field(
        20.0,
        gt=0,
        description="Seconds that each answer of the server may take; then the message is tried again later. Servers that greet "
        "slowly to ward off spam take up to about 15.",
    )

    @field_validator("password")
    @classmethod
    def _goes_with_username(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (password is None) != (info.data.get("username") is None):
            raise ValueError("is set together with HEAVYLIFT_MAIL_USERNAME or not at all")
        return password


@cache
def image_settings() -> ImageSettings:
    """The settings of this process, read once."""
    return ImageSettings.load()


@cache
def mail_settings() -> MailSettings:
    """The settings of this process, read once."""
    return MailSettings.load()
