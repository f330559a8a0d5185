"""``heavylift scaling``: how many workers there are, and why."""

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.shown.scaling import say_scaling
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("scaling")
def scaling(as_json: AsJson = False, url: Url = None) -> None:
    """Show how many workers each pool has, and why."""
    with connect(url) as client:
        state = client.scaling()
    if as_json:
        say_json(plain(state))
    else:
        say_scaling(state)
