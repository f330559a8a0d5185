"""``heavylift scaling``: how many workers there are, and why; and what people want of it for a while."""

from typing import Annotated, Any

import typer

from heavylift.cli.api import Api, part
from heavylift.cli.app import new_group
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson, read_duration
from heavylift.cli.plain import plain
from heavylift.cli.shown.scaling import say_scaling, say_steered
from heavylift.cli.terminal import say_json

app = new_group("Scaling: how many workers each pool has, and why; override and freeze it for a while.")

Pool = Annotated[str | None, typer.Argument(metavar="POOL", help="The pool; without one it is said of all.")]
For = Annotated[str, typer.Option("--for", metavar="TIME", help="Then the autoscaler decides again: 30m, 12h, 7d at most.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for those who read it in the decisions.")]


@app.word()
def show(as_json: AsJson = False, url: Url = None) -> None:
    """Show how many workers each pool has, and why."""
    with connect(url) as client:
        state = client.scaling()
    if as_json:
        say_json(plain(state))
    else:
        say_scaling(state)


@app.word()
def override(
    pool: Annotated[str, typer.Argument(metavar="POOL", help="The pool.")],
    replicas: Annotated[int, typer.Argument(metavar="PODS", min=0, help="How many pods it is to have, within its bounds.")],
    time: For = "1h",
    reason: Reason = "",
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Give a pool so many pods for a while, whatever is recommended."""
    asked = {"replicas": replicas, "expires_in": read_duration(time), "reason": reason}
    _steer(url, "POST", f"/v1/autoscaling/pools/{part(pool)}/override", asked, as_json=as_json)


@app.word()
def freeze(pool: Pool = None, time: For = "1h", reason: Reason = "", as_json: AsJson = False, url: Url = None) -> None:
    """Let a pool, or all, keep the pods that it has for a while."""
    asked = {"expires_in": read_duration(time), "reason": reason}
    _steer(url, "POST", f"{_address(pool)}/freeze", asked, as_json=as_json)


@app.word()
def release(pool: Pool = None, as_json: AsJson = False, url: Url = None) -> None:
    """Take back what was said of a pool, or of all: the autoscaler decides again."""
    _steer(url, "DELETE", f"{_address(pool)}/steering", None, as_json=as_json)


def _address(pool: str | None) -> str:
    return "/v1/autoscaling" if pool is None else f"/v1/autoscaling/pools/{part(pool)}"


def _steer(url: str | None, method: str, path: str, asked: dict[str, Any] | None, *, as_json: bool) -> None:
    with Api(url) as api:
        steered = api.change(method, path, asked, repeatable=True)
    if as_json:
        say_json(steered)
    else:
        say_steered(steered)
