"""What the measuring process tells the programs that it starts."""

import os
from typing import Final

REDIS_HOST: Final = "127.0.0.1"
REDIS_PORT: Final = int(os.environ["BENCH_REDIS_PORT"])
SLOTS: Final = int(os.environ["BENCH_SLOTS"])  #: Tasks at once in one process, where the library has them.
KIND: Final = os.environ["BENCH_KIND"]  #: The kind of worker, such as "prefork" or "asyncio".


def redis_url(database: int = 0) -> str:
    """Where the Redis of this run listens."""
    return f"redis://{REDIS_HOST}:{REDIS_PORT}/{database}"
