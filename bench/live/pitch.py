"""One contender's place on the cluster: a release of its own, in a namespace of its own, with one pool."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from bench.live.contenders import Contender
from bench.live.kubectl import apply, delete
from bench.live.manifests import Manifest, with_password
from bench.live.watcher import Watcher
from tests.e2e.support.stand import Stand
from tests.support.eventually import eventually


@dataclass(slots=True)
class Pitch:
    """Where a contender plays."""

    contender: Contender
    stand: Stand
    watcher: Watcher

    @property
    def namespace(self) -> str:
        """By which the pool is known, too."""
        return self.stand.cluster.namespace

    @property
    def deployment(self) -> str:
        """Of the pool."""
        return f"{self.stand.release.name}-heavylift-worker-default"

    @property
    def autoscaler(self) -> str:
        """The Deployment and the account of the chart's own."""
        return f"{self.stand.release.name}-heavylift-autoscaler"

    @contextmanager
    def scaled(self, *, hasty: bool = False) -> Iterator[None]:
        """Have it scaled from rest, by somebody who knows nothing of what was before. ``hasty``: down again soon."""
        made = self._scalers(hasty)
        self._begin_anew()
        apply(made) if made else None
        try:
            yield
        finally:
            delete([manifest for manifest in made if manifest["kind"] != "Secret"]) if made else None

    def await_rest(self, within: float = 240.0) -> None:
        """Until there are no more pods than there always are, all ready."""
        eventually(self._is_at_rest, within=within, claim=f"rest of {self.contender.name}")

    def _begin_anew(self) -> None:
        cluster = self.stand.cluster
        ours = self.contender.is_ours
        with cluster.without(self.autoscaler, namespace=self.namespace) if ours else nullcontext():
            body = {"spec": {"replicas": self.contender.minimum}}
            cluster.apps.patch_namespaced_deployment_scale(self.deployment, self.namespace, body)
            self.await_rest()

    def _is_at_rest(self) -> bool:
        time.sleep(0.2)
        there = self.watcher.there(self.namespace)
        return len(there) == self.contender.minimum and all(life.ready for life in there)

    def _scalers(self, hasty: bool) -> list[Manifest]:
        made = self.contender.scalers(
            self.namespace, self.deployment, f"{self.stand.release.name}-heavylift-redis-0.{self.namespace}", hasty
        )
        return with_password(made, self.stand.cluster.secret("redis", "api"))
