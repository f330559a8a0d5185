"""Carries what the running tasks of a child say to the store: whatever falls together travels together.

One thread, which begins when the first task says something. Tasks that say nothing cost nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from heavylift.celery.tasks import GaveWayLost
from heavylift.context import Progress
from heavylift.errors import HeavyliftError
from heavylift.record import Delivery
from heavylift.store.calls import Call, Memo, Recall, Remember
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Logged, Progressed, Reporter, StoreTrouble

logger = logging.getLogger(__name__)

EVERY: Final = 0.25  # seconds between two tellings of progress: smooth for those who watch, and nothing for Redis
FIRST_PAUSE: Final = 0.1  # seconds before Redis is asked again; doubled each time
LONGEST_PAUSE: Final = 1.0


class Speaker(Protocol):
    """A run, as far as the scribe needs to know it."""

    delivery: Delivery
    over: bool

    def take_progress(self) -> Progress | None:
        """How far it is, if it has said so since this was last asked."""

    def put_back_progress(self) -> None:
        """What was taken could not be told."""

    def take_lines(self) -> Sequence[Memo]:
        """What it has logged and the store has not got yet."""

    def lines_arrived(self) -> tuple[int, int]:
        """What was taken is there. Returns how many lines are kept since this was last said, and how many are not."""

    def lose(self) -> None:
        """The store says that the task is not this run's any more."""


@dataclass(slots=True)
class _Errand:
    """Something of which a task waits for the answer: a memo that is to be kept, or a question."""

    speaker: Speaker
    what: Memo | Recall
    answer: "Future[Any]" = field(default_factory=Future)

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits; from then on nobody can take it back."""
        if self.speaker.over:
            self.answer.cancel()
        return self.answer.running() or self.answer.set_running_or_notify_cancel()

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)

    def settle(self, value: Any, *, held: bool) -> None:
        if held:
            self.answer.set_result(value)
        else:
            self.answer.set_exception(GaveWayLost())
            self.speaker.lose()


class Scribe:
    """``after_turn`` is called when something has been reported: then is the moment to send what was gathered.

    ``carrying`` is held while progress is on its way to the store.
    """

    def __init__(self, store: RedisStore, reporter: Reporter, *, after_turn: Callable[[], object] = lambda: None) -> None:
        self._store = store
        self._reporter = reporter
        self._after_turn = after_turn
        self.carrying = threading.Lock()
        self._changed = threading.Condition()
        self._tellers: list[Speaker] = []
        self._errands: list[_Errand] = []
        self._quiet_until = 0.0
        self._thread: threading.Thread | None = None

    def tell(self, speaker: Speaker) -> None:
        """A run has something to say of its progress."""
        with self._changed:
            self._tellers.append(speaker)
            self._wake()

    def carry(self, speaker: Speaker, what: Memo | Recall) -> "Future[Any]":
        """Keep a memo (the answer is None), or ask what was kept (the answer is its text, or None)."""
        errand = _Errand(speaker, what)
        with self._changed:
            self._errands.append(errand)
            self._wake()
        return errand.answer

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="heavylift-scribe", daemon=True)
            self._thread.start()
        self._changed.notify()

    def _work(self) -> None:
        pause = FIRST_PAUSE
        while True:
            tellers, errands = self._await_work()
            try:
                self._go(tellers, errands)
                pause = FIRST_PAUSE
            except HeavyliftError as error:
                self._reporter.report(StoreTrouble(component="context", error_type=type(error).__name__, message=str(error)))
                self._take_up_again(tellers, errands)
                time.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
            except Exception as error:
                logger.exception("what running tasks said could not be carried to the store")
                for errand in errands:
                    errand.fail(error)

    def _await_work(self) -> tuple[list[Speaker], list[_Errand]]:
        """Wait for an errand, which goes at once, or for progress when it is time for that."""
        with self._changed:
            self._changed.wait_for(lambda: self._errands or self._tellers)
            while not self._errands and (rest := self._quiet_until - time.monotonic()) > 0:
                self._changed.wait(rest)
            errands, self._errands = self._errands, []
            if time.monotonic() < self._quiet_until:
                return [], errands
            tellers, self._tellers = self._tellers, []
            self._quiet_until = time.monotonic() + EVERY
            return tellers, errands

    def _go(self, tellers: Sequence[Speaker], errands: Sequence[_Errand]) -> None:
        wanted = [errand for errand in errands if errand.wanted]
        kept = [errand for errand in wanted if isinstance(errand.what, Memo)]
        asked = [errand for errand in wanted if isinstance(errand.what, Recall)]
        with self.carrying:
            living = [speaker for speaker in dict.fromkeys(tellers) if not speaker.over]
            # Progress is taken first and told last: it counts the lines before it.
            told = [(speaker, said) for speaker in living if (said := speaker.take_progress())]
            logged = [(speaker, memo) for speaker in living for memo in speaker.take_lines()]
            with _put_back_in_trouble(tellers):
                memos = [*(memo for _, memo in logged), *(_memo(*one) for one in told), *(errand.what for errand in kept)]
                held, recalled = self._ask(memos, asked)
            self._report_lines(dict.fromkeys(speaker for speaker, _ in logged))
        for errand, holds in zip(kept, held[len(logged) + len(told) :], strict=True):
            errand.settle(None, held=holds)
        for errand, answer in zip(asked, recalled, strict=True):
            errand.settle(answer.text, held=answer.held)
        for (speaker, _), holds in zip(logged, held, strict=False):
            if not holds:
                speaker.lose()
        self._report(told, held[len(logged) : len(logged) + len(told)])
        if logged or told:
            self._after_turn()

    def _ask(self, memos: Sequence[Any], asked: Sequence[_Errand]) -> tuple[tuple[bool, ...], list[Any]]:
        """Which memos were kept, and the answers to the questions, in one round trip. Raises HeavyliftError."""
        calls: list[Call[Any]] = [Remember(tuple(memos))] if memos else []
        calls += [errand.what for errand in asked if isinstance(errand.what, Recall)]
        replies = self._store.run_all(calls) if calls else []
        for reply in replies:
            if isinstance(reply, HeavyliftError):
                raise reply
        return (replies[0], replies[1:]) if memos else ((), replies)

    def _take_up_again(self, tellers: Sequence[Speaker], errands: Sequence[_Errand]) -> None:
        with self._changed:
            self._tellers = [*tellers, *self._tellers]
            self._errands = [*(errand for errand in errands if errand.answer.running()), *self._errands]

    def _report(self, told: Sequence[tuple[Speaker, Progress]], held: Sequence[bool]) -> None:
        for (speaker, said), holds in zip(told, held, strict=True):
            if holds:
                delivery = speaker.delivery
                self._reporter.report(Progressed(task_id=delivery.id, kind=delivery.kind, done=said.done, total=said.total))
            else:
                speaker.lose()

    def _report_lines(self, speakers: Iterable[Speaker]) -> None:
        for speaker in speakers:
            kept, dropped = speaker.lines_arrived()
            delivery = speaker.delivery
            self._reporter.report(
                Logged(task_id=delivery.id, kind=delivery.kind, queue=delivery.queue, kept=kept, dropped=dropped)
            )


@contextmanager
def _put_back_in_trouble(tellers: Sequence[Speaker]) -> Iterator[None]:
    try:
        yield
    except HeavyliftError:
        for speaker in tellers:
            speaker.put_back_progress()
        raise


def _memo(speaker: Speaker, said: Progress) -> Memo:
    return Memo.progress(speaker.delivery.id, speaker.delivery.fence, said.as_json())
