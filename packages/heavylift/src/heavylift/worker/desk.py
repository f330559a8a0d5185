"""A child's conversation with the store: claim, conclude, give back, and start over after trouble."""

import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from heavylift.errors import HeavyliftError, LeaseLost, WorkerRests
from heavylift.outcome import Retry
from heavylift.record import Delivery
from heavylift.store.calls import Call, Claim, Ended, Register, Release, Remember, Waiting, conclusions_of
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, StoreTrouble
from heavylift.worker.attempt import Attempt, claimed_events, dead_event, ended_event
from heavylift.worker.place import Place
from heavylift.worker.portions import Portions

Found = TypeVar("Found")

LONGEST_WAIT: Final = 2.0  # seconds of one blocking read; well below the socket's timeout, so that a dead Redis is noticed
FIRST_PAUSE: Final = 0.05  # seconds before the next question to a Redis that does not answer; doubled each time
LONGEST_PAUSE: Final = 0.5  # seconds; short enough to claim again within a second of Redis
NAP: Final = 0.2  # seconds between two questions of one that is to take nothing more: whether it may again


class Leave(BaseException):
    """Raised where a child has nothing more to wait for, once it was asked to leave."""


class Desk:
    """Speaks with the store for one consumer. Several threads may use it; what it does with the store is done one at a time.

    It knows what its child has in hand, so after trouble it can tell what a lost answer may have brought from what is running.
    ``after_turn`` is called when a turn has been reported: then is the moment to send what was gathered. ``on_lost`` hears of
    those in hand that others have by now.
    """

    def __init__(
        self,
        place: Place,
        portions: Portions,
        store: RedisStore,
        reporter: Reporter,
        *,
        lease: float,
        after_turn: Callable[[], None],
        on_lost: Callable[[Collection[Delivery]], None],
    ) -> None:
        self._place = place
        self._portions = portions
        self._store = store
        self._reporter = reporter
        self._lease = lease
        self._after_turn = after_turn
        self._on_lost = on_lost
        self._in_hand: dict[str, Delivery] = {}
        self._talking = threading.RLock()
        self._rests = False  # whether the store refused the last claim, because this worker is to take nothing more
        self._compared = 0  # connections that had been made when Redis and this desk last agreed
        self.leaving = False
        self.idle = False  #: Whether the thread that waits here may be interrupted without harm.

    def claim(self, count: int) -> tuple[Delivery, ...]:
        """Sleep until at least one task is in hand. Raises Leave."""
        deliveries = self.conclude((), and_claim=count)
        while not deliveries:
            deliveries = self._nap_and_claim(count) if self._rests else self._wait_and_claim(count)
        return deliveries

    def conclude(
        self, attempts: Sequence[Attempt], *, and_claim: int = 0, waiting: tuple[Waiting, ...] = ()
    ) -> tuple[Delivery, ...]:
        """Carry what ended to the store and claim what comes next, in one round trip. May return nothing at any time."""
        self._pass_on_last_words(attempts)
        with self._talking:
            kept, lost = self._parted(attempts)
            conclusions = conclusions_of([Ended(a.delivery.id, a.delivery.fence, a.outcome) for a in kept])
            self._let_go([attempt.delivery for attempt in attempts])
            self._portions.learn(attempts)
            claim = Claim(self._place.consumer, self._portions.ask(and_claim), and_claim, waiting) if and_claim else None
            replies = self._ask([*conclusions, *([claim] if claim else [])])
            claimed = self._take_in_hand(claim, replies[len(conclusions) :])
            self._compare_when_connected_anew()
        self._report_ended(kept, [flag for reply in replies[: len(conclusions)] for flag in reply])
        self._report_ended(lost, [False] * len(lost))
        self._report_claimed(claimed)
        self._after_turn()
        return claimed

    def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Put tasks that have not been started back into their queue."""
        with self._talking:
            kept = [delivery for delivery in deliveries if self._holds(delivery)]
            self._let_go(deliveries)
            if kept:
                self._ask([Release(tuple((delivery.id, delivery.fence) for delivery in kept))])

    def _take_in_hand(self, claim: Claim | None, replies: Sequence[Any]) -> tuple[Delivery, ...]:
        if claim is None or not replies:
            return ()
        self._rests = isinstance(replies[0], WorkerRests)
        if self._rests:
            return ()
        deliveries: tuple[Delivery, ...] = replies[0]
        self._portions.get(deliveries, claim.sources, claim.count)
        self._in_hand |= {delivery.id: delivery for delivery in deliveries}
        return deliveries

    def _nap_and_claim(self, count: int) -> tuple[Delivery, ...]:
        """Without a blocking read, which would take what it may not keep, and that again and again."""
        self._sleep(NAP, interruptible=True)
        return self.conclude((), and_claim=count)

    def _wait_and_claim(self, count: int) -> tuple[Delivery, ...]:
        """In one trip with nothing in hand: then nobody else registers meanwhile, which would give back what the trip brings."""
        with self._talking:
            empty_handed = not self._in_hand
            claim = Claim(self._place.consumer, self._portions.ask(count), count, own=True)
        if not empty_handed:
            waiting = self._asleep(lambda: self._store.wait(self._place.consumer, self._portions.order(), LONGEST_WAIT))
            return self.conclude((), and_claim=count, waiting=waiting)
        deliveries = self._asleep(lambda: self._store.wait_and_claim(claim, LONGEST_WAIT))
        with self._talking:
            claimed = self._take_in_hand(claim, [deliveries])
            self._compare_when_connected_anew()
        self._report_claimed(claimed)
        self._after_turn()
        return claimed

    def find_out_what_is_lost(self) -> None:
        """The guardian says that the lease was over. Trouble is left to the next time that it says so."""
        with self._talking, suppress(HeavyliftError):
            if self._in_hand:  # else there is nothing to lose, and the next claim finds it out
                self._register()

    def _compare_when_connected_anew(self) -> None:
        """Find out whether Redis still knows what it was told, after turns that met no trouble.

        Behind a connection that was quietly made anew may be a primary that had not heard of the latest ends and claims. What it
        counts as running here would be so for ever, and what it does not is being run for nothing.
        """
        made = self._store.connections
        if made > self._compared > 0:
            with suppress(HeavyliftError):  # the next turn tries again
                self._register()
        else:
            self._compared = made

    def _pass_on_last_words(self, attempts: Sequence[Attempt]) -> None:
        """What runs said in their last moment; before their ends, as nobody can say anything after them.

        Tried once: it is no reason to hold up an end.
        """
        memos = tuple(memo for attempt in attempts if attempt.last_words is not None for memo in attempt.last_words())
        if memos:
            with suppress(HeavyliftError):
                self._store.run(Remember(memos))

    def _asleep(self, wait: Callable[[], tuple[Found, ...]]) -> tuple[Found, ...]:
        self.idle = True
        try:
            if self.leaving:
                raise Leave
            return wait()
        except WorkerRests:
            self._rests = True
            return ()
        except HeavyliftError as error:
            with self._talking:
                self._start_over([], error)
            return ()
        finally:
            self.idle = False

    def _ask(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """The replies to all calls. When the store fails, those of the conclusions only: nothing is claimed in that turn."""
        if not calls:
            return []
        try:
            replies = self._store.run_all(calls)
            for reply in replies:
                if isinstance(reply, HeavyliftError) and not isinstance(reply, WorkerRests):
                    raise reply
        except HeavyliftError as error:
            return self._start_over([call for call in calls if not isinstance(call, Claim)], error)
        return replies

    def _start_over(self, conclusions: Sequence[Call[Any]], error: HeavyliftError) -> list[Any]:
        """After trouble: deliver what ended, and register anew, which gives back what a lost answer may have brought.

        The conclusions may have arrived already; repeating them is safe under their fence. Tried until the store answers.
        """
        pause = 0.0 if isinstance(error, LeaseLost) else FIRST_PAUSE
        while True:
            if not isinstance(error, LeaseLost):
                self._reporter.report(StoreTrouble(component="child", error_type=type(error).__name__, message=str(error)))
            self._sleep(pause, interruptible=not conclusions)
            try:
                # One by one: registering before the conclusions have arrived would take away what they conclude.
                replies = [self._store.run(call) for call in conclusions]
                self._register()
            except HeavyliftError as again:
                error = again
                pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, pause * 2)) * random.uniform(0.8, 1.2)  # noqa: S311
            else:
                return replies

    def _register(self) -> None:
        place = self._place
        call = Register(place.consumer, tuple(place.queues), self._lease, {}, tuple(self._in_hand), place.executors)
        lost = self._store.run(call)
        self._compared = self._store.connections
        if lost:
            self._on_lost([self._in_hand.pop(id_) for id_ in lost])

    def _parted(self, attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Attempt]]:
        """Those of which the store is to hear, and those that have lost their tasks.

        Of the latter the fence is no proof: after a failover that took their claims back it may be that of their successors.
        """
        lost = [attempt for attempt in attempts if attempt.lost or not self._holds(attempt.delivery)]
        return [attempt for attempt in attempts if attempt not in lost] if lost else list(attempts), lost

    def _holds(self, delivery: Delivery) -> bool:
        return self._in_hand.get(delivery.id) is delivery  # it may have been lost, and taken in hand anew

    def _let_go(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if self._holds(delivery):
                del self._in_hand[delivery.id]

    def _sleep(self, seconds: float, *, interruptible: bool) -> None:
        self.idle = interruptible
        try:
            if self.leaving and interruptible:
                raise Leave
            time.sleep(seconds)
        finally:
            self.idle = False

    def _report_claimed(self, deliveries: Sequence[Delivery]) -> None:
        for event in claimed_events(deliveries):
            self._reporter.report(event)

    def _report_ended(self, attempts: Sequence[Attempt], committed: Sequence[bool]) -> None:
        over = [attempt for attempt in attempts if not isinstance(attempt.outcome, Retry)]
        again = [attempt for attempt in attempts if isinstance(attempt.outcome, Retry)]
        for attempt, was_committed in zip([*over, *again], committed, strict=True):
            self._reporter.report(ended_event(attempt, committed=was_committed))
            if was_committed and (dead := dead_event(attempt)):
                self._reporter.report(dead)
