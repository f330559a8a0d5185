"""Imports a module in an environment of its own and sees to it that what must not be there is not.

In the workspace all members share one environment, where a service can import what it never declared. `make alone` runs this in
an environment that holds one service and its dependencies only.

    python tests/isolation/alone.py heavylift_api.app --without celery kombu
"""

import argparse
import importlib
import importlib.util
import sys


def main() -> int:
    """0 when the module can be imported and the others cannot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("--without", nargs="+", required=True, metavar="PACKAGE")
    arguments = parser.parse_args()
    importlib.import_module(arguments.module)
    strangers = [name for name in arguments.without if importlib.util.find_spec(name) is not None]
    if strangers:
        sys.stderr.write(f"{arguments.module} brings along {', '.join(strangers)}\n")
        return 1
    sys.stdout.write(f"{arguments.module} stands alone, without {', '.join(arguments.without)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
