"""Leaves sums to Heavylift, and tells what became of them: a request that orders one ends at once.

HEAVYLIFT_URL=http://127.0.0.1:8000 uvicorn examples.web_application.app:app --port 8080
"""

from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from heavylift.client.errors import TaskUnknown
from heavylift.client.fastapi import Heavylift, client_lifespan

app = FastAPI(lifespan=client_lifespan())


class Sum(BaseModel):
    a: int
    b: int


@app.post("/sums", status_code=202)
async def order(wanted: Sum, heavylift: Heavylift) -> dict[str, str]:
    """Order one."""
    handle = await heavylift.submit("demo.add", wanted, tags=["web"])
    return {"id": handle.id}


@app.get("/sums/{id}")
async def look(id: str, heavylift: Heavylift) -> dict[str, Any]:  # noqa: A002
    """What became of it; who waits a moment often has it with the first look."""
    try:
        task = await heavylift.task(id).wait(2)
    except TaskUnknown as error:
        raise HTTPException(404, str(error)) from error
    return {"state": task.state, "sum": task.result}
