"""What came into a line, when, and how it gets on: by what is there and what has ended, and not by counting what comes.

What came is what is there now, less what was there, and what has ended meanwhile. So a retry or a replay counts as the work that
it is, a task that waits for its time counts when it comes, and nothing has to be counted at each submit.
"""

import math
from dataclasses import dataclass
from typing import Final

from heavylift.store.calls import Line, WorkloadReply
from heavylift_autoscaler.looks import KEPT, LineName, Look, Looks

FIRST: Final = 10.0  # seconds of looking before a rate is believed
LATELY: Final = 30.0  # seconds over which it is seen whether tasks end as fast as they should
LONG: Final = 5.0  # seconds; what is shorter ends and is told of soon enough, and may be among several that a child has claimed
SHARES: Final = (0.25, 0.5, 0.75, 1.0)  # of a queue: whose last task's age is looked at


@dataclass(frozen=True, slots=True)
class Rate:
    """Attempts that come per second, and the part of them that is more than chance."""

    usual: float
    certain: float


class Arrivals:
    """Knows the lines by their looks, of which the last ``window`` seconds count for most questions."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._looks = Looks()

    def learn(self, reply: WorkloadReply) -> str:
        """Look. Returns why what was seen before cannot be compared with this, in words, or ''."""
        return self._looks.add(reply)

    def rate(self, line: LineName, seconds: float) -> Rate | None:
        """Of tasks that run so many ``seconds``; None until it was looked at for long enough.

        It is an average over no less than a task runs: a few long tasks that come together are not a stream of them. Of ``n``
        that came ``√n`` may be chance.
        """
        least = min(seconds, KEPT)
        first, last = self._looks.since(max(self._window, least)), self._looks.last
        if first is None or last is None or self._looks.ago(first) < FIRST:
            return None
        came = max(0, last.came(line) - first.came(line))
        over = max(self._looks.ago(first), least)
        return Rate(came / over, (came - math.sqrt(came)) / over)

    def ages(self, line: Line) -> list[float]:
        """How long the last task of each of ``SHARES`` of a line has waited, in seconds: first come, first served."""
        name = line.queue, line.executor
        behind = [(1 - share) * line.ready for share in SHARES[:-1]]
        return [*(min(line.oldest_age, self._age(name, number, line.oldest_age)) for number in behind), line.newest_age]

    def least_run_time(self, line: LineName) -> float:
        """Seconds that tasks of this line ran at least, by how many were seen running for how long; 0 when that says nothing.

        It sees that tasks are slow before the first of them has ended.
        """
        first, last = self._looks.since(self._window), self._looks.last
        if first is None or last is None:
            return 0.0
        busy, ended = _between(first, last, line)
        took_part = ended + last.running.get(line, 0)
        least = busy / took_part if took_part > 0 else 0.0
        return least if least > LONG else 0.0

    def stuck(self, line: LineName, seconds: float) -> float:
        """Slots whose tasks will not end soon: more were busy lately than is explained by what ended, in ``seconds`` a task.

        By Little's law: on average as many run as end per second, times what each took. What may be chance is left out.
        """
        first, last = self._looks.since(LATELY), self._looks.last
        if first is None or last is None or self._looks.ago(first) < LATELY / 2:
            return 0.0
        busy, ended = _between(first, last, line)
        explained = ended * seconds * (1 + 2 / math.sqrt(max(ended, 1)))
        return max(0.0, (busy - explained) / self._looks.ago(first))

    def _age(self, line: LineName, behind: float, unknown: float) -> float:
        """Of the task behind which so many others have come."""
        last = self._looks.last
        number = last.came(line) - behind if last else 0.0
        arrived = None
        for look in self._looks.backwards():
            if look.came(line) < number:
                return self._looks.ago(arrived) if arrived else 0.0
            arrived = look
        return unknown


def _between(first: Look, last: Look, line: LineName) -> tuple[float, int]:
    """Seconds that slots were busy between two looks, and attempts that ended."""
    return last.busy.get(line, 0.0) - first.busy.get(line, 0.0), last.ended.get(line, 0) - first.ended.get(line, 0)
