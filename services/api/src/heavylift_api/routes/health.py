"""Whether the process lives, and whether it can do its work; if not, why not."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from heavylift_api.answers import answer, problems
from heavylift_api.declared import OPEN
from heavylift_api.dependencies import CatalogueDep, IntakeDep, KeyringDep, StoreDep, WaitersDep
from heavylift_api.errors import NotReady
from heavylift_api.readiness import check_readiness
from heavylift_api.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/livez", response_model=Health, openapi_extra=OPEN)
async def live() -> Response:
    """200 as long as the process answers at all. Redis does not matter here: a restart would not bring it back."""
    return answer(Health(status="ok"))


@router.get("/readyz", response_model=Health, responses=problems(NotReady, store=False), openapi_extra=OPEN)
async def ready(
    request: Request, store: StoreDep, intake: IntakeDep, catalogue: CatalogueDep, waiters: WaitersDep, keyring: KeyringDep
) -> Response:
    """200 when tasks would be taken in. An empty catalogue is ready: workers may come later."""
    return answer(await check_readiness(store, intake, catalogue, waiters, keyring, request.state.object_health))
