"""Tasks for which no worker exists: no number of pods helps them, so somebody must be told."""

from collections.abc import Sequence

from heavylift.store.calls import WorkloadReply
from heavylift_autoscaler.promise import Promise


def unserved(reply: WorkloadReply, promises: Sequence[Promise]) -> dict[str, str]:
    """For each queue in which something waits for a worker and that no pool serves, the sentence that says so."""
    served = {queue for promise in promises for queue in promise.queues}
    waiting: dict[str, int] = {}
    for line in reply.lines:
        if line.queue not in served and line.queue not in reply.paused and line.ready:
            waiting[line.queue] = waiting.get(line.queue, 0) + line.ready
    return {queue: _sentence(queue, number) for queue, number in sorted(waiting.items())}


def _sentence(queue: str, number: int) -> str:
    tasks = "1 task waits" if number == 1 else f"{number} tasks wait"
    return f"{tasks} in the queue {queue}, which no pool of workers serves: add it to the queues of one"
