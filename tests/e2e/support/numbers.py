"""How many pods a Deployment was told to have, over time."""

import threading
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from tests.e2e.support.cluster import Cluster

_LOOK: Final = 0.2  #: Seconds between two looks.


class Numbers:
    """Looks on while inside ``with``. ``seen`` are the numbers in turn, each once."""

    def __init__(self, cluster: Cluster, deployment: str) -> None:
        self._cluster = cluster
        self._deployment = deployment
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self.seen: list[int] = [cluster.replicas(deployment)]

    @property
    def turns(self) -> int:
        """How often it went down after up, or up after down."""
        ways = [later > earlier for earlier, later in pairwise(self.seen)]
        return sum(later != earlier for earlier, later in pairwise(ways))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _follow(self) -> None:
        while not self._over.wait(_LOOK):
            self._look()

    def _look(self) -> None:
        if (now := self._cluster.replicas(self._deployment)) != self.seen[-1]:
            self.seen.append(now)
