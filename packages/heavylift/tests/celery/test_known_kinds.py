"""What is not said by who sends a task by its name."""

from heavylift.catalogue import Kind
from heavylift.celery.known_kinds import FRESH, PATIENT, KnownKinds
from heavylift.record import Executor, Priority, Submission
from tests.support.kinds import WELCOME


class Catalogue:
    """A catalogue that counts how often it is read, under a clock of its own."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self.reads, self.now = 0, 0.0

    def read(self) -> dict[str, Kind]:
        self.reads += 1
        return dict(self.kinds)

    def known(self) -> KnownKinds:
        return KnownKinds(self.read, clock=lambda: self.now)


def send(
    known: KnownKinds, name: str = "mail.welcome", headers: dict[str, object] | None = None, priority: int = 0
) -> Submission:
    message = {"headers": headers or {}, "properties": {"priority": priority}}
    return known.complete(Submission(kind=name, payload="{}"), message)


def test_a_task_gets_the_attempts_the_child_and_the_priority_of_its_kind() -> None:
    sent = send(Catalogue(WELCOME).known())

    assert (sent.max_attempts, sent.executor, sent.priority) == (7, Executor.THREADS, Priority.HIGH)


def test_what_the_message_says_is_left_as_it_is() -> None:
    sent = send(Catalogue(WELCOME).known(), headers={"executor": "process"}, priority=5)

    assert (sent.executor, sent.priority) == (Executor.PROCESS, Priority.NORMAL)


def test_nobody_asks_for_what_is_said_already_or_is_celerys_own() -> None:
    catalogue = Catalogue(WELCOME)

    assert send(catalogue.known(), headers={"max_attempts": 2}).max_attempts == 1  # the message's number is read elsewhere
    send(catalogue.known(), "celery.chord_unlock")

    assert catalogue.reads == 0


def test_the_catalogue_is_read_once_in_a_while_and_soon_again_for_a_kind_that_is_missing() -> None:
    catalogue = Catalogue(WELCOME)
    known = catalogue.known()
    for _ in range(3):
        send(known)
        assert send(known, "shop.new").max_attempts == 1
    assert catalogue.reads == 1

    catalogue.kinds["shop.new"] = Kind(name="shop.new", retry=WELCOME.retry)
    catalogue.now += PATIENT
    assert send(known, "shop.new").max_attempts == 7
    assert catalogue.reads == 2

    catalogue.now += FRESH
    send(known)
    assert catalogue.reads == 3
