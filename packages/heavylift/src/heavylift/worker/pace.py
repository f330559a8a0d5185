"""How many tasks to claim at once: as many as will start within a moment, by what they took lately."""

from typing import Final

AHEAD: Final = 0.02  # seconds of work to have in hand: a round trip is small beside it, and nobody waits long behind it
LARGEST: Final = 64  # tasks; a larger batch saves little, and keeps others from Redis for more than two milliseconds
WEIGHT: Final = 0.2  # of the newest batch in the average


class Pace:
    """Learns from each batch how long a task takes, and says how many fit into ``AHEAD`` seconds.

    It at most doubles what went well, so that a guess is never far off, and falls at once when tasks get slow: slow work is never
    hoarded by one child while another is idle.
    """

    def __init__(self) -> None:
        self.batch = 1
        self._mean: float | None = None

    def learn(self, tasks: int, seconds: float) -> None:
        """Hear that a batch of ``tasks`` took ``seconds``."""
        if tasks == 0:
            return
        each = max(seconds / tasks, 1e-6)
        slower = self._mean is None or each > self._mean
        self._mean = each if slower or self._mean is None else self._mean + WEIGHT * (each - self._mean)
        self.batch = max(1, min(int(AHEAD / self._mean), 2 * self.batch, LARGEST))
