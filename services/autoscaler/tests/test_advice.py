"""KEDA gets the recommendation from any replica when it is the engine, and nobody gets it otherwise."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from heavylift.errors import ConfigurationInvalid
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.settings import StoreSettings
from heavylift.store.calls import PoolDecision, ScalingMode, ScalingReport, TellScaling
from heavylift.store.redis import RedisStore
from heavylift_autoscaler.advice import advice
from heavylift_autoscaler.settings import AutoscalerServiceSettings, AutoscalerSettings, KedaSettings, Pool
from tests.support.eventually import eventually

DECISION = PoolDecision(
    pool="default",
    deployment="worker-default",
    mode=ScalingMode.ADVISING,
    current=2,
    target=5,
    wanted=5,
    rule="need",
    reason="scaling from 2 to 5: there is much to do",
    would_wait=60.0,
    startup=8.0,
)


def _settings(engine: Any, keda: KedaSettings, store: StoreSettings | None = None) -> AutoscalerServiceSettings:
    pools = (Pool(name="default", deployment="worker-default"),)
    autoscaler = AutoscalerSettings(engine=engine, pools=pools, tick=0.1)
    return AutoscalerServiceSettings(autoscaler=autoscaler, keda=keda, store=store or StoreSettings())


def test_keda_is_told_what_another_replica_recommends(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str, tmp_path: Path
):
    (tmp_path / "token").write_text("secret")
    keda = KedaSettings(port=0, token_file=tmp_path / "token")

    with advice(_settings("keda", keda, StoreSettings(url=redis_server.url, namespace=namespace))) as server:
        assert server is not None
        url = f"http://127.0.0.1:{server.port}/pools/default"

        # Given nobody who has recommended anything, a question has no number for an answer
        assert _ask(url).status_code == 503

        # When another replica recommends, once a second
        def recommended() -> httpx.Response:
            redis_store.run(TellScaling(ScalingReport("another", (DECISION,))))
            return _ask(url)

        # Then that is the answer
        answer = eventually(recommended, holds=lambda answer: answer.status_code == 200, within=10)
        assert answer.json() == {"pods": 5}


def _ask(url: str) -> httpx.Response:
    return httpx.get(url, headers={"Authorization": "Bearer secret"})


@pytest.mark.parametrize("engine", ["controller", "none"])
def test_with_another_engine_nobody_is_answered(engine: str):
    with advice(_settings(engine, KedaSettings())) as server:
        assert server is None


def test_keda_without_a_token_is_refused_in_a_sentence():
    with (
        pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_AUTOSCALER_KEDA_TOKEN_FILE"),
        advice(_settings("keda", KedaSettings())),
    ):
        pass
