"""Errors of redis-py become ours, and the route learns from them where the primary is not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError, ResponseError

from heavylift.store.route import Route
from heavylift.store.troubles import is_elsewhere, translated


@contextmanager
def errors_translated(route: Route) -> Iterator[None]:
    """Around whatever is asked over connections of this route."""
    try:
        yield
    except asyncio.CancelledError:  # by a deadline, perhaps
        route.suspect()
        raise
    except (RedisError, OSError) as error:
        if is_elsewhere(error):
            route.doubt()
        elif not isinstance(error, ResponseError):
            route.suspect()
        raise translated(error) from error
