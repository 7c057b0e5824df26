"""DrainExecutor and UndrainExecutor: an operator's word about an executor, by name, until it is taken back."""

from collections.abc import Callable

from proxx.core.canonical import digest
from proxx_scheduler.app.errors import ExecutorNotFoundError, RequestInvalidError, RequestReusedError
from proxx_scheduler.app.fencing import release
from proxx_scheduler.app.ports import Clock, Store, Tx
from proxx_scheduler.app.records import DrainedExecutor, WorkQueued
from proxx_scheduler.app.verbs import check_request_id

NAME_LIMIT = 200
REASON_LIMIT = 1000


class Drains:
    """Drains executors and lets them work again."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        """Take the store and time."""
        self._store = store
        self._clock = clock

    async def drain(self, *, name: str, request_id: str, reason: str, actor: str) -> None:
        """Grant nothing more to the executor of this name, in this session or a later one.

        Raises:
            ExecutorNotFoundError: none of this name has a session.
            RequestInvalidError, RequestReusedError.
        """

        def work(tx: Tx) -> None:
            if tx.is_drained(name):
                return
            if not any(view.name == name for view in tx.executors()):
                raise ExecutorNotFoundError(name=name)
            now = self._clock.now()
            tx.drain_executor(DrainedExecutor(name=name, actor=actor, drain_time=now))
            self._note(tx, "executor.drain", "READY", "DRAINING", name, reason, actor)

        await self._once("drain_executor", name, request_id, reason, work)

    async def undrain(self, *, name: str, request_id: str, reason: str, actor: str) -> None:
        """Let the executor of this name take work again, whether it was drained, fenced or both.

        Raises:
            ExecutorNotFoundError: none of this name has a session, is drained or is fenced.
            RequestInvalidError, RequestReusedError.
        """

        def work(tx: Tx) -> None:
            released = release(tx, name=name, reason=reason, actor=actor, now=self._clock.now())
            if tx.is_drained(name):
                tx.undrain_executor(name)
                self._note(tx, "executor.undrain", "DRAINING", "READY", name, reason, actor)
                tx.effects.append(WorkQueued())  # it may be the one that work waits for
            elif not released and not any(view.name == name for view in tx.executors()):
                raise ExecutorNotFoundError(name=name)

        await self._once("undrain_executor", name, request_id, reason, work)

    async def _once(self, verb: str, name: str, request_id: str, reason: str, work: Callable[[Tx], None]) -> None:
        check_request_id(request_id)
        if len(name) > NAME_LIMIT:
            raise RequestInvalidError(field="name", message=f"at most {NAME_LIMIT} characters are kept")
        if len(reason) > REASON_LIMIT:
            raise RequestInvalidError(field="reason", message=f"at most {REASON_LIMIT} characters are kept")
        body = digest({"verb": verb, "name": name, "reason": reason})

        def guarded(tx: Tx) -> None:
            known = tx.request(request_id)
            if known is not None:
                if known[0] != body:
                    raise RequestReusedError(request_id=request_id, stored=known[0], received=body)
                return
            work(tx)
            tx.add_request(request_id=request_id, body_digest=body, job_key="")

        await self._store.write(guarded)

    def _note(self, tx: Tx, kind: str, before: str, after: str, name: str, reason: str, actor: str) -> None:
        data = {"executor": name, "reason": reason}
        tx.note_executor(kind=kind, before=before, after=after, data=data, actor=actor, now=self._clock.now())
