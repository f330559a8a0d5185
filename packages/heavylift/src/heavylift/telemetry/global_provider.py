"""OpenTelemetry's global provider, which can be set once, made to follow ours, which is made anew after a fork."""

from collections.abc import Callable, Iterator
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider, Span, Tracer, TracerProvider
from opentelemetry.util._decorator import _agnosticcontextmanager  # makes decorated coroutines end their span at their own end

Current = Callable[[], TracerProvider]


def follow(current: Current) -> None:
    """Let users' spans go to the provider that ``current`` names. Does nothing where the application has set its own."""
    if isinstance(trace.get_tracer_provider(), ProxyTracerProvider):
        trace.set_tracer_provider(_Following(current))


def is_foreign() -> bool:
    """Whether the application around us has set a provider of its own."""
    return not isinstance(trace.get_tracer_provider(), ProxyTracerProvider | _Following)


class _Following(TracerProvider):
    def __init__(self, current: Current) -> None:
        self._current = current

    def get_tracer(self, *args: Any, **kwargs: Any) -> Tracer:
        return _FollowingTracer(self._current, args, kwargs)


class _FollowingTracer(Tracer):
    """A tracer that may be kept for ever: each of its spans asks which provider is the current one."""

    def __init__(self, current: Current, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._current = current
        self._name = (args, kwargs)
        self._known: tuple[TracerProvider, Tracer] | None = None

    def start_span(self, *args: Any, **kwargs: Any) -> Span:
        return self._tracer().start_span(*args, **kwargs)

    @_agnosticcontextmanager
    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Iterator[Span]:
        with self._tracer().start_as_current_span(*args, **kwargs) as span:
            yield span

    def _tracer(self) -> Tracer:
        provider, known = self._current(), self._known
        if known is None or known[0] is not provider:
            args, kwargs = self._name
            self._known = known = (provider, provider.get_tracer(*args, **kwargs))
        return known[1]
