"""What the autoscaler decided, and why."""

from fastapi import APIRouter
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.store.calls import ReadScaling
from heavylift_api.answers import answer, problems
from heavylift_api.autoscaling_shapes import Autoscaling, autoscaling_view
from heavylift_api.declared import needs
from heavylift_api.dependencies import StoreDep

router = APIRouter(prefix="/v1/autoscaling", tags=["autoscaling"])


@router.get("", response_model=Autoscaling, responses=problems(), openapi_extra=needs(Scope.READ))
async def read_autoscaling(store: StoreDep) -> Response:
    """The latest decision about every pool of workers: how many there are to be, and the reason in one sentence."""
    return answer(autoscaling_view(await store.run(ReadScaling())))
