"""What must be so for requests to be served."""

from heavylift.errors import HeavyliftError
from heavylift_api.catalogue import CatalogueCache
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import NotReady
from heavylift_api.intake import Intake
from heavylift_api.keyring import Keyring
from heavylift_api.large.health import ObjectHealth
from heavylift_api.schemas import Fault, Health
from heavylift_api.waiters import Waiters


async def check_readiness(
    store: TimelyStore,
    intake: Intake,
    catalogue: CatalogueCache,
    waiters: Waiters,
    keyring: Keyring | None,
    objects: ObjectHealth | None,
) -> Health:
    """What was found, check by check. Raises NotReady, which names each check that failed.

    Without its object store a process is ready all the same: what is small is taken in.
    """
    troubles = {
        "process": _process_trouble(waiters),
        "redis": await _redis_trouble(store, intake, waiters),
        "keys": _key_trouble(keyring),
    }
    faults = [Fault(field=check, message=trouble) for check, trouble in troubles.items() if trouble]
    if faults:
        raise NotReady(faults)
    known = "not read yet" if catalogue.size is None else f"knows {catalogue.size} kinds"
    besides = {} if objects is None else {"objects": await objects.look()}
    return Health(status="ok", checks={"redis": "takes tasks", "catalogue": known, **besides})


def _process_trouble(waiters: Waiters) -> str | None:
    return "is shutting down" if waiters.draining else None


def _key_trouble(keyring: Keyring | None) -> str | None:
    return "are not read yet, so nobody could be let in" if keyring is not None and not keyring.is_read else None


async def _redis_trouble(store: TimelyStore, intake: Intake, waiters: Waiters) -> str | None:
    try:
        async with store.deadline():
            await store.ping()  # the probe may be a second old
            await intake.check()
            await waiters.linked()
    except HeavyliftError as error:
        return str(error)
    return None
