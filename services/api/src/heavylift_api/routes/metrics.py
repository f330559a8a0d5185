"""Numbers for Prometheus: what this process counted, and what the store holds now."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from heavylift_api.declared import OPEN
from heavylift_api.dependencies import MetricsDep, StoreDep
from heavylift_api.scrape import store_metrics

router = APIRouter(tags=["health"])


_FORMATS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/plain": {}, "application/openmetrics-text": {}}}}


@router.get("/metrics", response_class=Response, responses=_FORMATS, openapi_extra=OPEN)
async def scrape(request: Request, metrics: MetricsDep, store: StoreDep) -> Response:
    """What Prometheus scrapes. Without Redis it is what this process counted, for then it is needed most."""
    body, content_type = metrics.render(request.headers.get("accept", ""), await store_metrics(store))
    return Response(body, headers={"Content-Type": content_type})
