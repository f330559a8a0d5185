"""How a batch looks from outside."""

from heavylift.batch import Batch
from heavylift.record import Accepted
from heavylift_api.batch_intake import Answer, TakenIn
from heavylift_api.batch_shapes import BatchAccepted, BatchView, ItemAnswer
from heavylift_api.errors import problem_of, problem_type
from heavylift_api.views import LONG_POLL, accepted_view


def batch_accepted(taken: TakenIn, path: str) -> BatchAccepted:
    """The answer to a batch that came to ``path``."""
    accepted = sum(isinstance(answer, Accepted) for answer in taken.answers)
    return BatchAccepted(
        id=taken.id,
        items=len(taken.answers),
        accepted=accepted,
        refused=len(taken.answers) - accepted,
        href=batch_href(taken.id),
        tasks=tuple(_item(answer, path) for answer in taken.answers),
    )


def batch_view(batch: Batch) -> BatchView:
    """What has become of a batch."""
    href = batch_href(batch.id)
    return BatchView(
        id=batch.id,
        created_at=batch.created_at,
        ended_at=batch.ended_at,
        expected=batch.items,
        made=batch.made,
        existing=batch.spared,
        pending=batch.awaited,
        succeeded=batch.succeeded,
        failed=batch.failed,
        cancelled=batch.cancelled,
        expired=batch.expired,
        links={
            "self": href,
            "wait": f"{href}?wait={LONG_POLL}",
            "events": f"{href}/events",
            "tasks": f"/v1/tasks?batch={batch.id}",
            "cancel": f"{href}/cancel",
        },
    )


def batch_href(id_: str) -> str:
    """Where a batch is followed."""
    return f"/v1/batches/{id_}"


def _item(answer: Answer, path: str) -> ItemAnswer:
    if isinstance(answer, Accepted):
        return ItemAnswer(status=202, task=accepted_view(answer), problem=None)
    return ItemAnswer(status=problem_type(answer).status, task=None, problem=problem_of(answer, path))
