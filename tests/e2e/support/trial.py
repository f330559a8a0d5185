"""One fault, or one change, under load: from the first task to the verdict."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Final, Self

from tests.chaos.history import Counts, Run
from tests.e2e.support.entrance import Entrance, end_of
from tests.e2e.support.history import History
from tests.e2e.support.load import Load
from tests.e2e.support.stand import Stand, Testimony
from tests.e2e.support.verdict import Verdict, judge
from tests.support.eventually import eventually

_STEADY: Final = 5.0  #: Seconds of load before the fault and after everything works again.
_REST: Final = 180.0  #: Seconds in which everything that was accepted must have ended.


class Trial:
    """Use it once: ``with Trial(stand) as trial:`` and in there ``with trial.under_load(): …strike…``, then ``verdict()``."""

    def __init__(self, stand: Stand, *, seed: int = 1) -> None:
        self._stand = stand
        self._tag = f"trial-{uuid.uuid4().hex[:12]}"
        self._load = Load(stand.connect, stand.journal_url, self._tag, seed=seed)
        self._struck = 0.0
        self._before: Testimony | None = None
        self.entrance: Entrance = stand.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.entrance.close()

    @contextmanager
    def under_load(self) -> Iterator["Trial"]:
        """Load before, during and after the body; at its end everything is whole and works again, and then at rest."""
        self._stand.cluster.await_rolled_out()
        self._before = self._stand.testify()
        self._load.start()
        try:
            eventually(
                lambda: len(self._stand.at_work(self.entrance)), holds=lambda pods: pods >= 2, within=60, claim="two pods at work"
            )
            time.sleep(_STEADY)  # the load itself is what is to be seen before the fault
            yield self
            self._stand.cluster.await_rolled_out()
            self.await_flow()
        finally:
            self._load.stop()
        eventually(lambda: self.entrance.live(self._tag), holds=lambda live: not live, within=_REST, claim="the end of all tasks")

    def strike(self, blow: Callable[[], Any]) -> None:
        """Do it, and note when."""
        self._struck = time.time()
        blow()

    @contextmanager
    def struck_by(self, fault: AbstractContextManager[Any]) -> Iterator[None]:
        """As ``strike``, for what is undone at the end of the body."""
        self._struck = time.time()
        with fault:
            yield

    def pause(self, seconds: float) -> None:
        """Let the load go on for so long; for faults whose length is the point."""
        time.sleep(seconds)

    def busy_worker(self, *, spared: str = "") -> str:
        """A worker's pod that runs tasks, the busiest; not on the node that is to be spared."""
        spared_pods = self._stand.pods("worker", node=spared) if spared else []
        at_work = eventually(
            lambda: {pod: tasks for pod, tasks in self._stand.at_work(self.entrance).items() if pod not in spared_pods},
            within=60,
            claim="a worker's pod that runs tasks",
        )
        return max(at_work, key=lambda pod: at_work[pod])

    def await_flow(self) -> None:
        """Until tasks are accepted as before, for a while."""
        since = time.time()
        eventually(
            lambda: sum(
                1 for submission in self._load.submissions[-500:] if submission.accepted and submission.requests[0].began > since
            ),
            holds=lambda accepted: accepted > 20,
            within=120,
            claim="tasks that are accepted again",
        )
        time.sleep(_STEADY)

    def await_refusal(self, reason: str) -> None:
        """Until somebody who submits is told this."""
        eventually(
            lambda: [request.said for submission in self._load.submissions[-20:] for request in submission.requests],
            holds=lambda answers: any(reason in said for said in answers),
            within=60,
            claim=f"an answer that says {reason!r}",
        )

    def verdict(self) -> Verdict:
        """What it came to."""
        return judge(self.history())

    def history(self) -> History:
        """Everything that was written down, once all is at rest."""
        assert self._before is not None, "a trial that has not begun"
        after = self._stand.testify()
        tasks = self.entrance.tasks(tag=self._tag)
        ours = {task["id"] for task in tasks}
        begun_before = {_key(run) for run in self._before.runs}
        return History(
            submissions=tuple(self._load.submissions),
            sightings=tuple(self._load.sightings),
            ends=tuple(end for task in tasks if (end := end_of(task))),
            live=tuple(task["id"] for task in tasks if not end_of(task)),
            runs=tuple(run for run in after.runs if _key(run) not in begun_before and run.held.task in ours),
            counts=_difference(after.counts, self._before.counts),
            struck=self._struck,
        )


def _key(run: Run) -> tuple[str, int, int]:
    return run.held.task, run.held.fence, run.pid


def _difference(after: Counts, before: Counts) -> Counts:
    return Counts(*(getattr(after, name) - getattr(before, name) for name in Counts.__slots__))
