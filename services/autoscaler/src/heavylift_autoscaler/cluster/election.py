"""Which of several replicas acts: whoever holds the Lease."""

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from heavylift.telemetry import LeadershipChanged, Reporter
from heavylift_autoscaler.cluster.api import Api, ApiTrouble
from heavylift_autoscaler.cluster.resources import LEASES, Object

RENEWALS: Final = 4  # in the duration of a lease, so that one that is late or lost costs nobody his place
GLANCE: Final = 0.5  # seconds between the looks of those who wait for it
CERTAIN: Final = 0.9  # of the duration: clocks do not run alike


class Election:
    """One replica's part in it. No clock but our own monotonic one counts.

    Whoever holds the Lease is certain of it for most of its ``duration``, in seconds, after having *asked* to renew it; whoever
    wants it waits for the whole duration after having *seen* that. The other's clock may show anything.
    """

    def __init__(
        self,
        api: Api,
        reporter: Reporter,
        *,
        name: str,
        identity: str,
        duration: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._reporter = reporter
        self._name = name
        self.identity = identity
        self._duration = duration
        self._clock = clock
        self._lease: Object | None = None
        self._seen: tuple[str, str] = ("", "")
        self._seen_at = -math.inf
        self._ends = -math.inf
        self._led: bool | None = None
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._take_part, name="heavylift-election", daemon=True)
        self.holder = ""  #: Who was seen to hold it last.
        self.trouble = ""  #: Why nothing is known of it, or ''.

    @property
    def certain(self) -> float:
        """Seconds for which nobody else can hold it; 0 for one who does not."""
        return 0.0 if self._released.is_set() else max(0.0, self._ends - self._clock())

    @property
    def leads(self) -> bool:
        """Whether this one may act."""
        return self.certain > 0

    def start(self) -> None:
        """Begin to take part."""
        self._thread.start()

    def release(self) -> None:
        """Let another have it at once. To be called when nothing is done under it any more."""
        led = self.leads
        self._released.set()
        if self._thread.is_alive():
            self._thread.join(self._duration)
        if led and self._lease is not None:
            try:
                self._write(self._lease, holder="")
            except ApiTrouble as trouble:
                self.trouble = str(trouble)  # then it ends by itself

    def step(self) -> float:
        """Ask for it, or keep it. Returns the seconds until the next step."""
        try:
            self._attend()
            self.trouble = ""
        except ApiTrouble as trouble:
            if trouble.status == HTTPStatus.CONFLICT:
                self._lease = None  # somebody was faster; look again at once
                return 0.05
            self.trouble = str(trouble)
        self._report()
        return self._duration / RENEWALS if self.leads else GLANCE

    def _take_part(self) -> None:
        while not self._released.is_set():
            self._released.wait(self.step())

    def _attend(self) -> None:
        began = self._clock()
        lease = self._lease if self.leads and self._lease else self._read()
        if lease is None:
            self._own(self._api.create(LEASES, self._body({}, 0)), began)
        elif lease["spec"].get("holderIdentity") == self.identity or self._is_free(lease):
            self._own(self._write(lease, holder=self.identity), began)

    def _read(self) -> Object | None:
        try:
            lease = self._api.get(LEASES, self._name)
        except ApiTrouble as trouble:
            if trouble.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        spec = lease.setdefault("spec", {})
        seen = str(spec.get("holderIdentity") or ""), str(spec.get("renewTime"))
        if seen != self._seen:
            self._seen, self._seen_at = seen, self._clock()
        self.holder = seen[0]
        return lease

    def _is_free(self, lease: Object) -> bool:
        return not lease["spec"].get("holderIdentity") or self._clock() - self._seen_at > self._duration

    def _own(self, lease: Object, began: float) -> None:
        self._lease, self._ends = lease, began + CERTAIN * self._duration
        self.holder = self.identity

    def _write(self, lease: Object, *, holder: str) -> Object:
        before = lease["spec"].get("holderIdentity")
        changes = int(lease["spec"].get("leaseTransitions") or 0) + (1 if holder and holder != before else 0)
        body = self._body(lease["metadata"], changes) | ({} if holder else {"spec": {**lease["spec"], "holderIdentity": ""}})
        if holder == before:
            body["spec"]["acquireTime"] = lease["spec"].get("acquireTime")
        return self._api.replace(LEASES, self._name, body)

    def _body(self, metadata: Object, changes: int) -> Object:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec = {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": math.ceil(self._duration),
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": changes,
        }
        kept = {key: metadata[key] for key in ("resourceVersion", "uid", "labels", "annotations") if key in metadata}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {**kept, "name": self._name, "namespace": self._api.namespace},
            "spec": spec,
        }

    def _report(self) -> None:
        if self.leads != self._led:
            self._led = leads = self.leads
            self._reporter.report(LeadershipChanged(identity=self.identity, leads=leads, holder=self.holder))
