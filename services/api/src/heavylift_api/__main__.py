"""``heavylift api``, or ``python -m heavylift_api``: settings from the environment, then serve."""

import sys
from importlib.metadata import version

from heavylift.errors import ConfigurationInvalid
from heavylift.telemetry import logs, traces
from heavylift_api.app import create_app
from heavylift_api.serve import serve
from heavylift_api.settings import ApiSettings

SERVICE = "heavylift-api"


def main() -> int:
    """Run the API until it is told to stop. Returns the exit status: 2 when the settings cannot be used."""
    try:
        settings = ApiSettings.load()
        logs.configure(settings.telemetry, service=SERVICE)
        tracing = traces.configure(settings.telemetry, service=SERVICE, version=version("heavylift-api"))
        try:
            serve(create_app(settings), settings)
        finally:
            tracing.close()
    except ConfigurationInvalid as error:
        sys.stderr.write(f"heavylift api: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
