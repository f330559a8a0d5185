"""Fewer pods only after a while in which fewer were enough."""

from collections import deque


class Calm:
    """The greatest need of the last ``window`` seconds."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._needs: deque[tuple[float, float]] = deque()  # falling: what is smaller than a later one never counts again

    def greatest(self, now: float, needed: float) -> float:
        """Note a need at ``now`` seconds of any clock that does not go back; returns the greatest that counts."""
        while self._needs and self._needs[-1][1] <= needed:
            self._needs.pop()
        self._needs.append((now, needed))
        while self._needs[0][0] < now - self._window:
            self._needs.popleft()
        return self._needs[0][1]
