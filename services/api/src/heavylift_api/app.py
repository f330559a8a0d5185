"""The application: its parts put together. Nothing happens before ``create_app`` is called, and nothing is opened by it."""

from collections.abc import MutableMapping
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from heavylift.telemetry.tracing import records
from heavylift_api import documentation, errors, openapi
from heavylift_api.crowd import Crowd, CrowdLimit
from heavylift_api.gate import Gate
from heavylift_api.lifespan import lifespan
from heavylift_api.middleware import QUIET_PATHS, BodyLimit, RequestContext
from heavylift_api.routes import (
    audit,
    autoscaling,
    batch_events,
    batches,
    catalogue,
    dead_letters,
    events,
    health,
    keys,
    live_tasks,
    logs,
    metrics,
    objects,
    queues,
    schedules,
    tasks,
    workers,
)
from heavylift_api.settings import ApiSettings


def create_app(settings: ApiSettings) -> FastAPI:
    """An ASGI application that opens what ``settings`` name when its lifespan begins. Raises ConfigurationInvalid."""
    settings.check_access()
    app = FastAPI(
        title="Heavylift",
        summary="Takes heavy work out of the request.",
        description=(
            "Submit a task, get an id in milliseconds, follow it to its end. Errors are problem+json (RFC 9457). "
            "Besides those that an operation names, any address may answer 404 (`route-unknown`), 405 (`method-not-allowed`), "
            "408 (`request-too-slow`), 413 (`body-too-large`), 415 (`body-encoded`), 431 (`head-too-large`), 500 (`internal`) "
            "and 503 (`too-many-connections`); what is no HTTP is answered 400 (`not-http`). Every answer to a request that was "
            "understood carries `X-Request-Id`, which a request may choose."
        ),
        version=version("heavylift-api"),
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,  # clients that are generated say `submit_task`
        redirect_slashes=False,  # a redirect names the host and scheme that this process sees, not those of the proxy in front
        docs_url=None,  # ours needs no CDN
        redoc_url=None,
        # One span a request. Metrics and logs are ours, and where spans go is settled by our settings, not by the environment.
        telemetry={
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
            "exclude": _is_unseen,
        },
    )
    app.state.settings = settings
    app.state.crowd = Crowd(settings.connections)
    for routes in (
        tasks,
        live_tasks,
        events,
        logs,
        objects,
        batches,
        batch_events,
        schedules,
        dead_letters,
        queues,
        workers,
        catalogue,
        autoscaling,
        keys,
        audit,
        health,
        metrics,
    ):
        app.include_router(routes.router)
    documentation.install(app)
    errors.install(app)
    openapi.install(app)
    app.add_middleware(Gate, leads_to=app)
    limits = {batches.router.prefix: settings.batch_body_limit, tasks.router.prefix: settings.largest_submission}
    app.add_middleware(BodyLimit, limit=settings.body_limit, others=limits)
    app.add_middleware(CrowdLimit, crowd=app.state.crowd)
    app.add_middleware(RequestContext)  # added last, it is the outermost: refused bodies are logged and named, too
    return app


def _is_unseen(scope: MutableMapping[str, Any]) -> bool:
    """Whether nobody would see the span of a request, and no trace goes on in it. One that goes nowhere costs a sixth of it."""
    if scope.get("path") in QUIET_PATHS:
        return True
    return not records() and all(name != b"traceparent" for name, _ in scope["headers"])
