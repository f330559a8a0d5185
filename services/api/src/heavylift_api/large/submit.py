"""Taking in a task whose payload may be too large for its record: read apart → validate → put away → record."""

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from heavylift.claim_check import ClaimCheck
from heavylift.errors import HeavyliftError, ObjectsUnavailable, StoreRefused, StoreUnavailable
from heavylift.idempotency import IdempotencyKey
from heavylift.objects import Keeper
from heavylift.record import Accepted as StoreAccepted
from heavylift.record import Durability, Submission
from heavylift.store.calls import FindAnswer
from heavylift.store.calls import Read as ReadRecord
from heavylift.telemetry import Refused, Reporter
from heavylift_api.body import Member, check_media_type
from heavylift_api.callers import Caller
from heavylift_api.catalogue import CatalogueCache
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import BodyTooLarge, SubmissionInvalid, problem_type
from heavylift_api.idempotency import Keys, read_key
from heavylift_api.large.reading import Reader, Reading
from heavylift_api.large.spool import Spooled, spooled
from heavylift_api.schemas import Fault
from heavylift_api.settings import ApiSettings
from heavylift_api.submit import Asked, Submitter, asked_for

DIGEST: Final = (
    "payload, by its SHA-256"  #: What stands for a large payload in the fingerprint of its request; no member is called so.
)

_NO_DEBOUNCE: Final = "is for payloads of {most} bytes at most; leave it out, or send the address of what is larger"


class LargeSubmitter:
    """Takes in what ``Submitter`` would have to hold in memory."""

    def __init__(
        self,
        submitter: Submitter,
        keeper: Keeper,
        store: TimelyStore,
        catalogue: CatalogueCache,
        reporter: Reporter,
        keys: Keys,
        settings: ApiSettings,
    ) -> None:
        self._submitter = submitter
        self._keeper = keeper
        self._store = store
        self._catalogue = catalogue
        self._reporter = reporter
        self._keys = keys
        self._spool = settings.spool
        self._usual = min(settings.body_limit, settings.objects.inline_limit)
        self._reader = Reader(memory=settings.reader_memory, most_besides=settings.body_limit)
        self._places = asyncio.Semaphore(settings.large_bodies)
        self._patience = settings.objects.deadline

    async def close(self) -> None:
        """End what waits for the next large submission."""
        await self._reader.close()

    def takes(self, headers: Mapping[str, str]) -> bool:
        """Whether a body is large, or nobody has said how large it is."""
        try:
            return int(headers["content-length"]) > self._usual
        except (KeyError, ValueError):
            return True

    async def submit(
        self, caller: Caller, content_type: str | None, stream: AsyncIterable[bytes], keys: Sequence[str] = ()
    ) -> StoreAccepted:
        """Take one task in, as ``Submitter.submit`` does. Raises ObjectsUnavailable besides; then nothing is recorded."""
        async with self._place(), spooled(stream, self._spool) as body:
            if body.size <= self._usual:
                return await self._submitter.submit(caller, content_type, body.path.read_bytes(), keys)
            asked: list[Asked] = []
            try:
                check_media_type(content_type)
                return await self._take(caller, body, keys, asked)
            except HeavyliftError as error:
                kind = self._submitter.kind_of(asked[0] if asked else None)
                self._reporter.report(Refused(kind=kind, reason=problem_type(error).name))
                raise

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._places.acquire(), self._patience)
        except TimeoutError:
            raise ObjectsUnavailable("too many large submissions come in at once; send this one again in a moment") from None
        try:
            yield
        finally:
            self._places.release()

    async def _take(self, caller: Caller, body: Spooled, keys: Sequence[str], asked: list[Asked]) -> StoreAccepted:
        async with contextlib.AsyncExitStack() as open_reading:
            reading = await open_reading.enter_async_context(self._reader.read(body))
            asked.append(asked_for(reading.members))
            with self._keys.in_flight(caller.tenant, read_key(keys), _counted(reading)) as key:
                durability = asked[0].submission.durability or self._submitter.durability
                told = None if key is None else await self._store.run(FindAnswer(key, durability))
                if told is not None:
                    return self._submitter.told(told)
                task = await self._validated(caller, asked[0], reading, key)
                await open_reading.aclose()  # others may be read while this one is put away
                return await self._record(task, durability, body, reading)

    async def _validated(self, caller: Caller, asked: Asked, reading: Reading, key: IdempotencyKey | None) -> Submission:
        if reading.size > self._keeper.largest:
            raise BodyTooLarge(f"the payload has {reading.size} bytes, and {self._keeper.largest} are the most")
        if asked.submission.debounce and reading.size > self._keeper.inline_limit:
            # The object would be noted for a task that never comes to be, and swept under the one that takes it on.
            raise SubmissionInvalid([Fault(field="debounce", message=_NO_DEBOUNCE.format(most=self._keeper.inline_limit))])
        async with self._store.deadline():
            known = await self._catalogue.find(asked.submission.kind)
        task = self._submitter.made(caller, asked, known, key)
        await reading.check(known.kind)
        return task

    async def _record(self, task: Submission, durability: Durability, body: Spooled, reading: Reading) -> StoreAccepted:
        if reading.size <= self._keeper.inline_limit:
            payload = await asyncio.to_thread(body.path.read_text)
            return await self._submitter.record(replace(task, payload=payload), durability)
        check = await self._keeper.put(task.id, "payload", body.path, size=reading.size, sha256=reading.sha256)
        try:
            accepted = await self._submitter.record(replace(task, payload=check.text), durability)
        except StoreUnavailable:
            raise  # nobody knows whether it is recorded: what is not referred to is swept later
        except HeavyliftError:
            await self._remove_unless_referred_to(task, check)
            raise
        if accepted.duplicate:
            await self._remove_unless_referred_to(task, check)
        return accepted

    async def _remove_unless_referred_to(self, task: Submission, check: ClaimCheck) -> None:
        """A submission that was sent to Redis twice, for want of an answer, looks like a repetition of itself."""
        with contextlib.suppress(StoreUnavailable, StoreRefused):
            record = await self._store.run(ReadRecord(task.id))
            if record is None or record.payload != check.text:
                await self._keeper.remove(check)


def _counted(reading: Reading) -> dict[str, Member]:
    """What makes a request the same as another: its members, and the digest in the place of the payload."""
    return {**reading.members, DIGEST: Member(reading.sha256, "")}
