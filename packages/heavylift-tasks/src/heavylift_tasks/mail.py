"""E-mail: a message is handed to the SMTP server that ``HEAVYLIFT_MAIL_*`` names."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final

import aiosmtplib
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from heavylift import PermanentError, RetryPolicy, TemporaryError, task
from heavylift_tasks.settings import MailSettings, mail_settings

_ONE_LINE: Final = r"^[^\r\n]+$"  #: A line break in a header would begin another header.

#: Greylisting servers ask to come back after minutes: these pauses add up to an hour at most, half of it on average.
_PATIENT: Final = RetryPolicy(max_attempts=8, base=5.0, factor=3.0, cap=1800.0)


#: The server lacks what the settings insist on; aiosmtplib says so with its base class, too.
_UNABLE: Final = (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported)


class Letter(BaseModel):
    """A plain message to one person."""

    model_config = ConfigDict(extra="forbid")

    to: EmailStr = Field(description="Address of the recipient.")
    subject: str = Field(min_length=1, max_length=200, pattern=_ONE_LINE, description="One line.")
    text: str = Field(max_length=100_000, description="The message as plain text.")


class NewUser(BaseModel):
    """Somebody who has just signed up."""

    model_config = ConfigDict(extra="forbid")

    to: EmailStr = Field(description="Address of the recipient.")
    name: str = Field(min_length=1, max_length=100, pattern=_ONE_LINE, description="What to call them.")


class Sent(BaseModel):
    """The server has taken the message over."""

    message_id: str = Field(description="The Message-ID header, by which the message is found in mailboxes and logs.")
    reply: str = Field(description="What the server answered.")


@task(retry=_PATIENT)
async def send(payload: Letter) -> Sent:
    """Send a plain e-mail. A worker that dies between the server's yes and its own report sends it a second time."""
    return await _deliver(payload, mail_settings())


@task(retry=_PATIENT)
async def welcome(payload: NewUser) -> Sent:
    """Send the e-mail that greets a new user."""
    return await _deliver(_greeting(payload), mail_settings())


def _greeting(user: NewUser) -> Letter:
    text = f"Hello {user.name},\n\nwelcome! Your account is ready: everything that takes long now happens in the background.\n"
    return Letter(to=user.to, subject=f"Welcome, {user.name}", text=text)


async def _deliver(letter: Letter, settings: MailSettings) -> Sent:
    message = _compose(letter, settings.sender)
    try:
        _, reply = await aiosmtplib.send(message, **_connection(settings))
    except aiosmtplib.SMTPException as error:
        raise _judged(error, settings) from error
    return Sent(message_id=message["Message-ID"], reply=reply)


def _compose(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message.set_content(letter.text)
    return message


def _connection(settings: MailSettings) -> dict[str, Any]:
    return {
        "hostname": settings.host,
        "port": settings.port,
        "username": settings.username,
        "password": settings.password.get_secret_value() if settings.password else None,
        "timeout": settings.timeout,
        "use_tls": settings.encryption == "tls",
        "start_tls": {"starttls": True, "auto": None}.get(settings.encryption, False),
    }


def _judged(error: aiosmtplib.SMTPException, settings: MailSettings) -> PermanentError | TemporaryError:
    """Temporary, unless the server said a final no (5xx, RFC 5321 §4.2.1) or cannot do what the settings insist on."""
    code, said = _answer(error)
    message = f"the SMTP server {settings.host}:{settings.port} did not take the message: {said}"
    final = code >= 500 or type(error) in _UNABLE
    return PermanentError(message) if final else TemporaryError(message)


def _answer(error: aiosmtplib.SMTPException) -> tuple[int, str]:
    """The server's code and words; code 0 when it gave none (it refused the connection, was silent, went away)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _answer(error.recipients[0])
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code, f"{error.code} {error.message}"
    return 0, error.message
