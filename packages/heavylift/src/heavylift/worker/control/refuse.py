"""Commands of Celery that have no meaning here. Each is answered with a sentence, as silence would be taken for consent."""

from collections.abc import Callable
from typing import Any, Final

from celery.worker.control import control_command, nok

_SENTENCES: Final = {
    "rate_limit": "rate limits of single workers are not kept, as their sum would follow the number of workers",
    "autoscale": "this worker has the children that it was given: change their number with pool_grow and pool_shrink, or the "
    "number of workers",
    "revoke_by_stamped_headers": "stamps are not kept in records: revoke tasks by their ids, or cancel them over HTTP",
    "election": "workers hold no elections",
    "time_limit": "children know the limits with which the worker was started: set time_limit on the task and restart the "
    "worker, or give apply_async(time_limit=…) with a call",
}


def _refuse(name: str, sentence: str) -> None:
    def refusal(state: Any, *_: Any, **__: Any) -> Any:  # noqa: ARG001  Celery's signature
        return nok(sentence)

    refusal.__doc__ = f"Refused: {sentence}."
    register: Callable[[Any], Any] = control_command(name=name, variadic="arguments", signature="…")
    register(refusal)


for _name, _sentence in _SENTENCES.items():
    _refuse(_name, _sentence)
