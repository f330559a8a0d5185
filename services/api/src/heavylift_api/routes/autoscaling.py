"""What the autoscaler decided, and why; and what people want of it for a while."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift.store.calls import ReadScaling
from heavylift_api.answers import answer, problems
from heavylift_api.autoscaling_shapes import Autoscaling, autoscaling_view
from heavylift_api.body import read_model
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, SteeringOfficeDep, StoreDep, caller_of
from heavylift_api.errors import BodyNotJson, BodyTooLarge, MediaTypeWrong, PoolNotFound, SubmissionInvalid
from heavylift_api.openapi import body_of
from heavylift_api.steering_shapes import FreezeRequest, OverrideRequest, SteeredPools

router = APIRouter(prefix="/v1/autoscaling", tags=["autoscaling"])

PoolName = Annotated[str, Path(max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$", description="Name of the pool of workers.")]

_OPERATE: Final = needs(Scope.OPERATE)
_REFUSALS: Final = problems(BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid, PoolNotFound)


@router.get("", response_model=Autoscaling, responses=problems(), openapi_extra=needs(Scope.READ))
async def read_autoscaling(store: StoreDep) -> Response:
    """The latest decision about every pool of workers: how many there are to be, and the reason in one sentence."""
    return answer(autoscaling_view(await store.run(ReadScaling())))


@router.post(
    "/pools/{pool}/override",
    response_model=SteeredPools,
    responses=_REFUSALS,
    openapi_extra=_OPERATE | body_of(OverrideRequest),
)
async def override_pool(request: Request, office: SteeringOfficeDep, auditor: AuditorDep, pool: PoolName) -> Response:
    """Give a pool so many pods for so long, whatever is recommended. Said again, the newest counts."""
    asked, caller = read_model(OverrideRequest, request.headers.get("content-type"), await request.body()), caller_of(request)
    work = office.override(caller, pool, asked)
    return answer(await auditor.witness(caller, Action.OVERRIDE_POOL, pool, work, **asked.model_dump()))


@router.post(
    "/pools/{pool}/freeze", response_model=SteeredPools, responses=_REFUSALS, openapi_extra=_OPERATE | body_of(FreezeRequest)
)
async def freeze_pool(request: Request, office: SteeringOfficeDep, auditor: AuditorDep, pool: PoolName) -> Response:
    """Let a pool have as many pods as it has, for so long."""
    asked, caller = read_model(FreezeRequest, request.headers.get("content-type"), await request.body()), caller_of(request)
    work = office.freeze(caller, pool, asked)
    return answer(await auditor.witness(caller, Action.FREEZE_POOL, pool, work, **asked.model_dump()))


@router.delete(
    "/pools/{pool}/steering",
    response_model=SteeredPools,
    responses=problems(SubmissionInvalid, PoolNotFound),
    openapi_extra=_OPERATE,
)
async def release_pool(request: Request, office: SteeringOfficeDep, auditor: AuditorDep, pool: PoolName) -> Response:
    """Take back what was said of a pool: the autoscaler decides again."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.RELEASE_POOL, pool, office.release(caller, pool)))


@router.post("/freeze", response_model=SteeredPools, responses=_REFUSALS, openapi_extra=_OPERATE | body_of(FreezeRequest))
async def freeze_pools(request: Request, office: SteeringOfficeDep, auditor: AuditorDep) -> Response:
    """Let every pool have as many pods as it has, for so long."""
    asked, caller = read_model(FreezeRequest, request.headers.get("content-type"), await request.body()), caller_of(request)
    work = office.freeze(caller, None, asked)
    return answer(await auditor.witness(caller, Action.FREEZE_POOLS, "all", work, **asked.model_dump()))


@router.delete("/steering", response_model=SteeredPools, responses=problems(PoolNotFound), openapi_extra=_OPERATE)
async def release_pools(request: Request, office: SteeringOfficeDep, auditor: AuditorDep) -> Response:
    """Take back what was said of all pools: the autoscaler decides again."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.RELEASE_POOLS, "all", office.release(caller, None)))
