"""Looks at the pods and the Deployments of all pools, four times a second, in one thread."""

import json
import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import Any, Final, Self

from kubernetes import client
from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

from bench.live.seen import Order, PodLife

_LOOK: Final = 0.25  #: Seconds between two looks, and so how exact all times are.
_WORKERS: Final = "app.kubernetes.io/component=worker"


class Watcher:
    """Looks on while inside ``with``. A pool is known by its namespace."""

    def __init__(self) -> None:
        self.lives: dict[str, PodLife] = {}  #: By the uid of the pod.
        self.orders: defaultdict[str, list[Order]] = defaultdict(list)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher")
        self._core: Any = client.CoreV1Api()
        self._apps: Any = client.AppsV1Api()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def of(self, pool: str) -> list[PodLife]:
        """All pods of a pool that there ever were, in the order of their creation."""
        return sorted((life for life in list(self.lives.values()) if life.pool == pool), key=lambda life: life.created)

    def there(self, pool: str) -> list[PodLife]:
        """Those that are there now."""
        return [life for life in self.of(pool) if life.gone is None]

    def _watch(self) -> None:
        while not self._over.wait(_LOOK):
            try:
                self.look()
            except (ApiException, HTTPError):
                continue  # the next look comes soon

    def look(self) -> None:
        """Once."""
        pods = _items(self._core.list_pod_for_all_namespaces)
        self.learn_pods(time.time(), pods)
        self.learn_orders(time.time(), _items(self._apps.list_deployment_for_all_namespaces))

    def learn_pods(self, now: float, pods: list[dict[str, Any]]) -> None:
        """What is there at a moment; what was there before and is not any more is gone."""
        here = {pod["metadata"]["uid"]: pod for pod in pods}
        for uid, pod in here.items():
            about = pod["metadata"]
            life = self.lives.setdefault(uid, PodLife(about["namespace"], about["name"], now))
            if life.ready is None and _is_ready(pod):
                life.ready = now
            if life.leaving is None and about.get("deletionTimestamp"):
                life.leaving = now
        for uid, life in self.lives.items():
            if uid not in here and life.gone is None:
                life.gone = now

    def learn_orders(self, now: float, deployments: list[dict[str, Any]]) -> None:
        """How many each was told to have; kept when it has changed."""
        for deployment in deployments:
            orders, told = self.orders[deployment["metadata"]["namespace"]], int(deployment["spec"]["replicas"])
            if not orders or orders[-1].replicas != told:
                orders.append(Order(now, told))


def _items(listing: Any) -> list[dict[str, Any]]:
    # Version 0 is what the API server has at hand; without types, as making objects of them takes ten times as long.
    answer = listing(label_selector=_WORKERS, resource_version="0", _preload_content=False, _request_timeout=5)
    items: list[dict[str, Any]] = json.loads(answer.data)["items"]
    return items


def _is_ready(pod: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
