"""The tasks: what is asked for, and the proof that it was done."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from examples.demo.follow import Followed
from examples.demo.mail_server import MailServer

PHOTOGRAPH: Final = Path(__file__).with_name("photograph.jpg")
SENDER: Final = "heavylift@example.com"
RECIPIENT: Final = "ada@example.org"
WIDTHS: Final = (960, 480, 160)
NAP: Final = 1.5  #: Seconds of the slow task: longer than one long-poll, so that it takes two.

AGES: Final = 20  #: Seconds of the one that nobody waits for.


class Disproved(Exception):
    """The task says that it is done, and it is not."""


@dataclass(frozen=True)
class Job:
    """A task to submit. ``prove`` looks for what it should have done, and says it in a few words or raises Disproved.

    ``called_off``: somebody changes their mind once it runs.
    """

    kind: str
    payload: dict[str, Any]
    prove: Callable[[Followed], str]
    called_off: bool = False

    @property
    def wanted(self) -> str:
        """The state in which it is to end."""
        return "cancelled" if self.called_off else "succeeded"


def jobs(pictures: Path, mail_server: MailServer) -> list[Job]:
    """The slow one first: the others overtake it."""
    picture = {"source": {"path": PHOTOGRAPH.name}, "sizes": list(WIDTHS), "format": "jpeg"}
    return [
        Job("demo.sleep", {"seconds": NAP}, prove_sleep),
        Job("image.thumbnails", picture, lambda followed: prove_thumbnails(followed, pictures)),
        Job("mail.welcome", {"to": RECIPIENT, "name": "Ada"}, lambda _: prove_mail(mail_server)),
        Job("demo.sleep", {"seconds": AGES}, prove_called_off, called_off=True),
    ]


def prove_sleep(followed: Followed) -> str:
    """It took its time, and was seen while it ran."""
    demand(followed.result == {"seconds": NAP}, f"it should have slept {NAP} s and answered {followed.result}")
    demand(followed.times["ended"] >= NAP, f"it ended after {followed.times['ended']:.2f} s already")
    demand("running" in followed.seen, f"the long-poll only ever saw it {', '.join(followed.seen)}")
    demand(bool(followed.told), "it never said how far it was")
    return f"slept {NAP:g} s; after {followed.told[-1]} a long-poll saw it {' and another '.join(followed.seen)}"


def prove_called_off(followed: Followed) -> str:
    """It ran, and ended when it was asked to, long before its time."""
    demand(followed.times["ended"] < AGES / 2, f"it only ended after {followed.times['ended']:.0f} s")
    return f"called off after {followed.told[-1]}"


def prove_thumbnails(followed: Followed, pictures: Path) -> str:
    """Three files that can be opened, each as wide as was asked, in proportion, and none of them empty of detail."""
    demand(len(followed.result) == len(WIDTHS), f"there are {len(followed.result)} thumbnails instead of {len(WIDTHS)}")
    with Image.open(PHOTOGRAPH) as original:
        proportion = original.height / original.width
        megapixels = original.width * original.height / 1e6
    for width, told in zip(WIDTHS, followed.result, strict=True):
        _prove_thumbnail(pictures / told["path"], told, (width, round(width * proportion)))
    sizes = ", ".join(f"{told['width']} x {told['height']}" for told in followed.result)
    return f"{megapixels:.1f} megapixels became {sizes}"


def _prove_thumbnail(file: Path, told: dict[str, Any], size: tuple[int, int]) -> None:
    with Image.open(file) as copy:
        copy.load()
        demand(copy.size == size, f"{file.name} is {copy.size} instead of {size}")
        demand(copy.format == "JPEG", f"{file.name} is {copy.format}")
        demand(len(copy.convert("L").getcolors() or ()) > 50, f"{file.name} shows next to nothing")
    demand(file.stat().st_size == told["bytes"], f"{file.name} has {file.stat().st_size} bytes; the result says {told['bytes']}")


def prove_mail(mail_server: MailServer) -> str:
    """The server has exactly this message, and nothing else."""
    received = mail_server.received()
    demand(len(received) == 1, f"the mail server has {len(received)} messages instead of one")
    [message] = received
    demand(message["sender"] == SENDER, f"it came from {message['sender']}")
    demand(message["recipients"] == [RECIPIENT], f"it went to {message['recipients']}")
    demand(message["subject"] == "Welcome, Ada", f"its subject is {message['subject']!r}")
    demand(str(message["body"]).startswith("Hello Ada,\n\nwelcome!"), f"its body is {message['body']!r}")
    return f"“{message['subject']}” reached {RECIPIENT}"


def demand(holds: bool, otherwise: str) -> None:
    """Raise Disproved unless it holds."""
    if not holds:
        raise Disproved(otherwise)
