"""A cluster that is an API and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.kubernetes_api import KubernetesApi, kubernetes_api
from tests.support.pool_cluster import PoolCluster


@pytest.fixture
def kubernetes() -> Iterator[tuple[KubernetesApi, Any]]:
    """The API, and a client's configuration for it."""
    with kubernetes_api() as served:
        yield served


@pytest.fixture
def api(kubernetes: tuple[KubernetesApi, Any]) -> KubernetesApi:
    """What there is."""
    return kubernetes[0]


@pytest.fixture
def configuration(kubernetes: tuple[KubernetesApi, Any]) -> Any:
    """How to reach it."""
    return kubernetes[1]


@pytest.fixture
def cluster(api: KubernetesApi) -> PoolCluster:
    """The Deployment of the one pool, with no pods."""
    cluster = PoolCluster(api)
    cluster.deploy(0)
    return cluster
