"""A copy of all objects of one kind that follows what happens to them: listed once, then watched."""

import logging
import random
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from heavylift_autoscaler.cluster.api import Api, ApiTrouble
from heavylift_autoscaler.cluster.resources import Object, Resource

logger = logging.getLogger(__name__)

LASTING: Final = 30  # seconds of one watch; a connection that died in silence is noticed when that is over
FIRST_PAUSE: Final = 0.2  # seconds before it is tried again; doubled each time
LONGEST_PAUSE: Final = 3.0  # seconds; short enough to be back soon after the API server
ABSENT: Final = 60.0  # seconds between looks for a kind of object that this cluster does not know

_GONE: Final = (HTTPStatus.GONE, HTTPStatus.GATEWAY_TIMEOUT)


class Watched:
    """Those in the namespace of ``api``, or with the labels of ``selector``.

    ``optional``: a cluster that does not know such objects has none of them.
    """

    def __init__(self, api: Api, resource: Resource, *, selector: str = "", optional: bool = False) -> None:
        self._api = api
        self._resource = resource
        self._query = {"labelSelector": selector} if selector else {}
        self._optional = optional
        self._objects: Mapping[str, Object] = {}
        self._version = ""
        self._pause = FIRST_PAUSE
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"heavylift-{resource.plural}", daemon=True)
        self.trouble = f"the {resource.plural} are not known yet"  #: Why the copy may be old, or ''.

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no more, soon."""
        self._over.set()

    @property
    def objects(self) -> Mapping[str, Object]:
        """What there is, by name. It does not change any more: the next look brings another."""
        return self._objects

    def _follow(self) -> None:
        while not self._over.is_set():
            pause = self._once()
            self._over.wait(pause)

    def _once(self) -> float:
        """List if need be, and watch. Returns the seconds until the next time."""
        try:
            if not self._version:
                self._list()
            self._watch()
        except ApiTrouble as trouble:
            return self._after(trouble)
        except Exception:
            logger.exception("the copy of %s is made anew", self._resource.plural)
            self._version = ""
            return LONGEST_PAUSE
        return 0.0

    def _list(self) -> None:
        told = self._api.get(self._resource, **self._query)
        # What is in a list does not say what it is, as each object alone does.
        said = {"apiVersion": told["apiVersion"], "kind": told["kind"].removesuffix("List")}
        self._objects = {item["metadata"]["name"]: said | item for item in told["items"]}
        self._version = told["metadata"]["resourceVersion"]
        self._know()

    def _watch(self) -> None:
        changes = self._api.watch(self._resource, seconds=LASTING, resourceVersion=self._version, **self._query)
        for change in changes:
            if self._over.is_set():
                return
            self._take_in(change["type"], change["object"])
        self._know()

    def _take_in(self, what: str, item: Object) -> None:
        if what == "ERROR":
            raise ApiTrouble(str(item.get("message", "the watch broke off")), int(item.get("code", 0)))
        self._version = item["metadata"]["resourceVersion"]
        self._know()
        if what == "BOOKMARK":
            return
        name = item["metadata"]["name"]
        others = {known: value for known, value in self._objects.items() if known != name}
        self._objects = others if what == "DELETED" else others | {name: item}

    def _know(self) -> None:
        self.trouble, self._pause = "", FIRST_PAUSE

    def _after(self, trouble: ApiTrouble) -> float:
        if self._optional and trouble.status == HTTPStatus.NOT_FOUND:
            self._objects, self._version, self.trouble = {}, "", ""
            return ABSENT
        if trouble.status in _GONE:
            self._version = ""
            return 0.0
        self.trouble = str(trouble)
        pause, self._pause = self._pause, min(LONGEST_PAUSE, 2 * self._pause)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311
