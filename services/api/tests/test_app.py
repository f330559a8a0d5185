"""What the application is before it is run."""

import subprocess
import sys

from heavylift_api.app import create_app
from heavylift_api.settings import ApiSettings

#: What it must not drag in: the worker's world, and anybody's code.
FOREIGN = ("celery", "kombu", "billiard", "heavylift.celery", "heavylift.worker", "heavylift.registry", "heavylift_tasks")


def test_importing_the_api_imports_nothing_of_the_worker() -> None:
    program = (
        "import sys, heavylift_api.__main__, heavylift_api.openapi;"
        f"print([name for name in sys.modules if name in {FOREIGN!r} or name.startswith({tuple(f + '.' for f in FOREIGN)!r})])"
    )

    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60).stdout

    assert said.strip() == "[]"


def test_making_an_application_opens_nothing_and_shares_nothing() -> None:
    one, other = create_app(ApiSettings()), create_app(ApiSettings(body_limit=2048))

    assert one is not other
    assert not hasattr(one.state, "waiters")
    assert (one.state.settings.body_limit, other.state.settings.body_limit) == (1_048_576, 2048)
