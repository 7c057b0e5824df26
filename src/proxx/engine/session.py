"""The session with the scheduler, and calling until there is an answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from proxx.core.leases import ExecutorDescription, HeldLease, SessionTerms
from proxx.engine.scheduler_port import (
    SchedulerDefectError,
    SchedulerPort,
    SchedulerUnavailableError,
    SessionUnknownError,
)
from proxx.runtime.clock import Clock

Answer = TypeVar("Answer")

FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 2.0

_LOG = logging.getLogger("proxx.engine")


class Session:
    """Keeps one session open: opens it again, with the leases still held, whenever the scheduler does not know it."""

    def __init__(
        self,
        *,
        port: SchedulerPort,
        description: ExecutorDescription,
        clock: Clock,
        held: Callable[[], tuple[HeldLease, ...]],
        opened: Callable[[SessionTerms], None],
    ) -> None:
        """Take who says what is held at the moment of opening, and who is told the terms before any call uses them."""
        self._port = port
        self._description = description
        self._clock = clock
        self._held = held
        self._opened = opened
        self._terms: SessionTerms | None = None
        self._opening = asyncio.Lock()

    @property
    def terms(self) -> SessionTerms | None:
        """The terms of the open session, None before the first."""
        return self._terms

    def describe(self, description: ExecutorDescription) -> None:
        """Take another description of the same incarnation: the next call opens the session again with it.

        Not while a call for work is under way: the leases that it brings would count as not held.
        """
        if description != self._description:
            self._description = description
            self._terms = None

    async def open(self) -> SessionTerms:
        """Return the terms of the open session, opening it when there is none.

        Raises:
            CallRefusedError: the scheduler refuses this executor as it describes itself.
        """
        async with self._opening:
            while self._terms is None:
                said = self._description
                terms = await self._open()
                if said == self._description:
                    self._terms = terms
            return self._terms

    async def call(self, verb: Callable[[str], Awaitable[Answer]], *, most_defects: int | None = None) -> Answer:
        """Call a verb with the session's key, again and again until it is answered; return the answer.

        Raises:
            SchedulerDefectError: the scheduler answered `most_defects` times with a defect of its own.
            CallRefusedError: the scheduler refuses for good.
            LeaseSupersededError, AcquireConsumedError: as the verb says.
        """
        backoff = FIRST_BACKOFF_SECONDS
        reopened = told = False
        defects = 0
        while True:
            terms = await self.open()
            try:
                return await verb(terms.session_id)
            except SessionUnknownError:
                self._forget(terms)
                if not reopened:
                    reopened = True
                    continue
            except SchedulerUnavailableError as error:
                defects += isinstance(error, SchedulerDefectError)
                if most_defects is not None and defects >= most_defects:
                    raise
                if not told:
                    told = True
                    _LOG.warning("no answer from the scheduler, asking until it comes: %s", error)
            await self._clock.sleep(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _forget(self, terms: SessionTerms) -> None:
        # Another call may have opened the next session meanwhile: that one stays.
        if self._terms is terms:
            self._terms = None

    async def _open(self) -> SessionTerms:
        backoff = FIRST_BACKOFF_SECONDS
        told = False
        while True:
            held = self._held()
            try:
                terms = await self._port.open_session(description=self._description, held=held)
            except SchedulerUnavailableError as error:
                if not told:
                    told = True
                    _LOG.warning("the session cannot be opened yet, asking until it can: %s", error)
                await self._clock.sleep(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
                continue
            _LOG.info("session opened", extra={"session_id": terms.session_id, "held_leases": len(held)})
            self._opened(terms)
            return terms
