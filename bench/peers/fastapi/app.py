"""FastAPI in front of Celery, in the way of every tutorial: the route calls ``.delay()`` and answers with the id."""

from celery import Celery
from fastapi import FastAPI
from kit.surroundings import redis_url
from pydantic import BaseModel

celery = Celery("bench", broker=redis_url(0), backend=redis_url(1))
celery.conf.update(result_expires=3600, broker_transport_options={"visibility_timeout": 3600})

app = FastAPI()


class Order(BaseModel):
    number: int


class Accepted(BaseModel):
    id: str


@celery.task(name="noop")
def noop(number: int = 0) -> None: ...


@app.post("/tasks", status_code=202)
def submit(order: Order) -> Accepted:
    """A plain function, because ``.delay()`` blocks: FastAPI runs it in a thread."""
    return Accepted(id=noop.delay(order.number).id)


@app.post("/nothing", status_code=202)
async def nothing(order: Order) -> Accepted:
    """What such a route costs that submits nothing."""
    return Accepted(id=str(order.number))
