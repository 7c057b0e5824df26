"""A network between processes that loses, delays, repeats and reorders calls and answers."""

import asyncio
import contextvars
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc

from proxx.core.access import OPEN
from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    Lease,
    LeaseDirective,
    LeaseOutcome,
    LeaseRelease,
    LeaseReport,
    ReportStatus,
    SessionTerms,
)
from proxx.core.steps import PrepareAnswer, PreparedOutput
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.executor_client import _executor_error
from proxx.rpc.executor_errors import SchedulerDefectError, SchedulerUnavailableError
from proxx.rpc.reasons import CODES, Reason
from proxx_scheduler.transport.refusals import refusing
from tests.simulation.virtual_loop import PROCESS, VirtualLoop

if TYPE_CHECKING:
    from tests.simulation.scheduler_process import SchedulerProcess

Serve = Callable[["SchedulerProcess"], Awaitable[Any]]
WORLD = contextvars.copy_context()
WORLD.run(PROCESS.set, None)
VERB_SECONDS = 2.0


@dataclass(slots=True)
class NetworkFaults:
    """Probabilities of one message, the longest delay in seconds, and the hosts that are cut off at the moment."""

    on: bool = False
    loss: float = 0.0
    repeat: float = 0.0
    delay: float = 0.0
    cut: set[str] = field(default_factory=set)


class Network:
    """Carries calls to the one scheduler that is up, if one is."""

    def __init__(self, *, loop: VirtualLoop, source: random.Random, defect: Callable[[str], None]) -> None:
        self._loop = loop
        self._source = source
        self._defect = defect
        self.faults = NetworkFaults()
        self.scheduler: SchedulerProcess | None = None
        self.calls = 0
        self._answers: dict[asyncio.Future[Any], None] = {}

    async def call(self, host: str, serve: Serve, *, seconds: float) -> Any:
        """Call the scheduler from a host; raises SchedulerUnavailableError when no answer came in time."""
        self.calls += 1
        answer: asyncio.Future[Any] = self._loop.create_future()
        served: list[asyncio.Task[Any]] = []
        self._answers[answer] = None
        self._send(host, serve, answer, served)
        if self.faults.on and self._source.random() < self.faults.repeat:
            self._send(host, serve, answer, [])
        timer = self._loop.call_later(seconds, _fail, answer, "deadline exceeded")
        try:
            return await answer
        finally:
            timer.cancel()
            self._answers.pop(answer, None)
            if served and not served[0].done() and self._source.random() < 0.5:
                # the server hears that its client has gone away
                self._loop.call_later(self._delay(), served[0].cancel, context=WORLD)

    def scheduler_died(self) -> None:
        """Calls under way fail: most at once, some only by their deadline."""
        for answer in list(self._answers):
            if self._source.random() < 0.8:
                self._loop.call_later(self._delay(), _fail, answer, "connection reset", context=WORLD)

    def _send(self, host: str, serve: Serve, answer: "asyncio.Future[Any]", served: list["asyncio.Task[Any]"]) -> None:
        if self._lost(host):
            return
        self._loop.call_later(self._delay(), self._deliver, host, serve, answer, served, context=WORLD)

    def _deliver(
        self, host: str, serve: Serve, answer: "asyncio.Future[Any]", served: list["asyncio.Task[Any]"]
    ) -> None:
        scheduler = self.scheduler
        if scheduler is None or not scheduler.process.alive or not scheduler.ready:
            _fail(answer, "connection refused")
            return
        served.append(self._loop.spawn(scheduler.process, self._serve(host, scheduler, serve, answer)))

    async def _serve(
        self, host: str, scheduler: "SchedulerProcess", serve: Serve, answer: "asyncio.Future[Any]"
    ) -> None:
        try:
            with refusing():
                value = await serve(scheduler)
        except RefusedCallError as refusal:
            error: Exception = refusal
            if CODES[Reason(refusal.reason)] is grpc.StatusCode.UNAVAILABLE:
                error = SchedulerUnavailableError(str(refusal))  # as proxx.rpc.errors.call_error reads it
                error.__cause__ = refusal
            self._reply(host, _refuse, answer, error)
        except Exception as defect:  # noqa: BLE001  whatever it is, it is a defect
            self._defect(f"the scheduler failed in a call: {type(defect).__name__}: {defect}")
            error = SchedulerDefectError(str(defect))
            error.__cause__ = defect
            self._reply(host, _refuse, answer, error)
        else:
            self._reply(host, _answer, answer, value)

    def _reply(self, host: str, how: Callable[..., None], answer: "asyncio.Future[Any]", what: Any) -> None:
        if not self._lost(host):
            self._loop.call_later(self._delay(), how, answer, what, context=WORLD)

    def _lost(self, host: str) -> bool:
        faults = self.faults
        return host in faults.cut or (faults.on and faults.loss > 0 and self._source.random() < faults.loss)

    def _delay(self) -> float:
        delay = 0.001 + self._source.random() * 0.01
        if self.faults.on and self.faults.delay and self._source.random() < 0.1:
            delay += self._source.random() * self.faults.delay
        return delay


def _answer(answer: "asyncio.Future[Any]", value: Any) -> None:
    if not answer.done():
        answer.set_result(value)


def _refuse(answer: "asyncio.Future[Any]", error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)


def _fail(answer: "asyncio.Future[Any]", why: str) -> None:
    _refuse(answer, SchedulerUnavailableError(f"no answer: {why}"))


class ExecutorPort:
    """Implements proxx.engine.scheduler_port.SchedulerPort over the network, for one host."""

    def __init__(self, *, network: Network, host: str) -> None:
        self._network = network
        self._host = host

    async def _call(self, serve: Serve, *, extra_seconds: float = 0.0) -> Any:
        try:
            return await self._network.call(self._host, serve, seconds=VERB_SECONDS + extra_seconds)
        except RefusedCallError as error:
            raise _executor_error(error) from error

    async def open_session(self, *, description: ExecutorDescription, held: tuple[HeldLease, ...]) -> SessionTerms:
        answer: SessionTerms = await self._call(
            lambda it: it.executors.open_session(description=description, held=held, identity=OPEN)
        )
        return answer

    async def acquire(
        self, *, session_id: str, sequence: int, max_grants: int, max_probes: int, wait_seconds: float
    ) -> tuple[Lease, ...]:
        answer: tuple[Lease, ...] = await self._call(
            lambda it: it.executors.acquire(
                session_id=session_id,
                acquire_sequence=sequence,
                max_grants=max_grants,
                max_probes=max_probes,
                wait_seconds=wait_seconds,
                identity=OPEN,
            ),
            extra_seconds=wait_seconds,
        )
        return answer

    async def renew(
        self, *, session_id: str, reports: tuple[LeaseReport, ...], draining: bool
    ) -> tuple[LeaseDirective, ...]:
        answer: tuple[LeaseDirective, ...] = await self._call(
            lambda it: it.executors.renew(session_id=session_id, reports=reports, draining=draining, identity=OPEN)
        )
        return answer

    async def prepare(self, *, session_id: str, lease_id: str, epoch: int, output: PreparedOutput) -> PrepareAnswer:
        answer: PrepareAnswer = await self._call(
            lambda it: it.executors.prepare(
                session_id=session_id, lease_id=lease_id, epoch=epoch, output=output, identity=OPEN
            )
        )
        return answer

    async def complete(self, *, session_id: str, outcomes: tuple[LeaseOutcome, ...]) -> tuple[ReportStatus, ...]:
        answer: tuple[ReportStatus, ...] = await self._call(
            lambda it: it.executors.complete(session_id=session_id, outcomes=outcomes, identity=OPEN)
        )
        return answer

    async def release(self, *, session_id: str, releases: tuple[LeaseRelease, ...]) -> tuple[ReportStatus, ...]:
        answer: tuple[ReportStatus, ...] = await self._call(
            lambda it: it.executors.release(session_id=session_id, releases=releases, identity=OPEN)
        )
        return answer

    async def get_asset(self, *, sha256: str) -> bytes:
        raise AssertionError("no look is part of a simulated job")

    async def close(self, *, session_id: str) -> None:
        await self._call(lambda it: it.executors.close_session(session_id=session_id, identity=OPEN))
