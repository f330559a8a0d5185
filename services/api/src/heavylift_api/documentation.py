"""``/docs``: the description of the interface as a page, from files that come with the service and not from a CDN."""

from importlib.resources import as_file, files
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from heavylift_api.declared import OPEN

_STATIC: Final = "/docs/static"


def install(app: FastAPI) -> None:
    """Add the page to the application."""
    with as_file(files("fastapi_offline") / "static") as folder:
        app.mount(_STATIC, StaticFiles(directory=folder), name="documentation")

    @app.get("/docs", include_in_schema=False, openapi_extra=OPEN)
    async def documentation() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "/openapi.json",
            title=f"{app.title} · API",
            swagger_js_url=f"{_STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{_STATIC}/swagger-ui.css",
            swagger_favicon_url="data:,",
        )
