"""How long a pod takes from its order to its first task."""

from collections import deque
from typing import Final

UNTIL_KNOWN: Final = 10.0  # seconds: a small image that the node has
LATEST: Final = 20  # pods that count: enough for a quantile, few enough to follow a new image
SHARE: Final = 0.75  # of them took no longer: counting on the mean would be too late half of the time


class Startup:
    """Learns from the pods that became ready."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=LATEST)

    def learn(self, seconds: float) -> None:
        """Hear how long one took. Pods that had to wait for a node are not to be told of: they say nothing of the next."""
        self._latest.append(max(0.0, seconds))

    @property
    def seconds(self) -> float:
        """What to count on."""
        if not self._latest:
            return UNTIL_KNOWN
        ordered = sorted(self._latest)
        return ordered[min(len(ordered) - 1, int(SHARE * len(ordered)))]
