"""Messages to a real SMTP server, which takes them, puts them off or refuses them."""

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import ValidationError

from heavylift import PermanentError, TemporaryError
from heavylift.errors import ConfigurationInvalid
from heavylift_tasks.mail import Letter, NewUser, send, welcome
from heavylift_tasks.settings import mail_settings

LETTER = Letter(to="grace@example.org", subject="Compilers", text="They work.\n")


class Mailbox:
    """Keeps what it is sent. ``replies`` are answers to give instead, by the command that they answer."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.replies: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" not in self.replies:
            envelope.rcpt_tos.append(address)
        return self.replies.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" not in self.replies:
            self.envelopes.append(envelope)
            self.messages.append(email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default))
        return self.replies.get("DATA", "250 taken")


def text_of(message: EmailMessage) -> str:
    """What was written, with the line ends of a program instead of those of the wire."""
    return str(message.get_content()).replace("\r\n", "\n")


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set variables of the worker that runs the task."""

    def set_variables(**variables: Any) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"HEAVYLIFT_MAIL_{name.upper()}", str(value))
        mail_settings.cache_clear()

    mail_settings.cache_clear()
    yield set_variables
    mail_settings.cache_clear()


@pytest.fixture
def mailbox(configure: Callable[..., None]) -> Iterator[Mailbox]:
    """An SMTP server on a free port of loopback, named in the settings."""
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    configure(port=port, sender="robot@example.com")
    yield mailbox
    server.stop()


async def test_a_letter_reaches_the_server_as_it_was_written(mailbox: Mailbox) -> None:
    # When a letter with words of several languages is sent
    sent = await send(Letter(to="grace@example.org", subject="Grüße, 世界", text="One line.\nAnd another: ✓\n"))

    # Then the server has it, from and to the right people, word for word
    [message], [envelope] = mailbox.messages, mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("robot@example.com", ["grace@example.org"])
    assert (message["From"], message["To"], message["Subject"]) == ("robot@example.com", "grace@example.org", "Grüße, 世界")
    assert text_of(message) == "One line.\nAnd another: ✓\n"
    assert message["Date"]

    # And the result tells under which id, and what the server said
    assert (sent.message_id, sent.reply) == (message["Message-ID"], "taken")


async def test_a_new_user_is_welcomed_by_name(mailbox: Mailbox) -> None:
    await welcome(NewUser(to="grace@example.org", name="Grace"))

    [message] = mailbox.messages
    assert message["Subject"] == "Welcome, Grace"
    assert text_of(message).startswith("Hello Grace,\n\nwelcome!")


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_a_server_that_says_not_now_is_asked_again(mailbox: Mailbox, command: str) -> None:
    mailbox.replies[command] = "451 greylisted, come back later"

    with pytest.raises(TemporaryError, match="did not take the message: 451 greylisted"):
        await send(LETTER)


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_a_server_that_says_no_ends_the_task_for_good(mailbox: Mailbox, command: str) -> None:
    mailbox.replies[command] = "550 no such person"

    with pytest.raises(PermanentError, match="did not take the message: 550 no such person"):
        await send(LETTER)


async def test_a_server_that_is_not_there_is_asked_again(mailbox: Mailbox, configure: Callable[..., None]) -> None:
    with socket.socket() as taken_but_silent:
        taken_but_silent.bind(("127.0.0.1", 0))
        configure(port=taken_but_silent.getsockname()[1])

        with pytest.raises(TemporaryError, match=r"127\.0\.0\.1:\d+ did not take the message"):
            await send(LETTER)


async def test_a_server_that_says_nothing_is_asked_again(configure: Callable[..., None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(port=silent.getsockname()[1], timeout=0.1)

        with pytest.raises(TemporaryError, match="did not take the message"):
            await send(LETTER)


async def test_what_the_settings_insist_on_and_the_server_cannot_do_ends_the_task(
    mailbox: Mailbox, configure: Callable[..., None]
) -> None:
    configure(encryption="starttls")

    with pytest.raises(PermanentError, match="STARTTLS"):
        await send(LETTER)


async def test_a_name_without_its_password_is_refused_in_a_sentence(configure: Callable[..., None]) -> None:
    configure(username="robot")

    with pytest.raises(ConfigurationInvalid, match=r"^HEAVYLIFT_MAIL_PASSWORD: .* together with HEAVYLIFT_MAIL_USERNAME"):
        await send(LETTER)


@pytest.mark.parametrize(
    "fault",
    [
        {"to": "grace"},
        {"to": "grace@example.org\r\nBcc: all@example.org"},
        {"subject": ""},
        {"subject": "Hello\r\nBcc: all@example.org"},
        {"text": None},
        {"attachment": "cat.jpg"},
    ],
    ids=str,
)
def test_a_letter_that_is_none_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Letter.model_validate({"to": "grace@example.org", "subject": "Hello", "text": ""} | fault)
