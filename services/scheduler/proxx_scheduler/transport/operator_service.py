"""OperatorService: the scheduler itself and its executors."""

from typing import Any

from proxx.api.operator.v1 import operator_service_pb2 as pb
from proxx.api.operator.v1.operator_service_pb2_grpc import OperatorServiceServicer
from proxx.core.access import CallerView
from proxx.core.jobs import SystemInfo
from proxx.rpc.caller import caller
from proxx.rpc.mapping import to_message
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.transport.actor import actor_of
from proxx_scheduler.transport.paging import PageTokens, page_size
from proxx_scheduler.transport.refusals import refusing


class OperatorService(OperatorServiceServicer):
    """Serves operators and consoles."""

    def __init__(self, *, desk: JobDesk, info: SystemInfo, tokens: PageTokens) -> None:
        """Take the use cases, the unchanging facts, and what writes page tokens."""
        self._desk = desk
        self._tokens = tokens
        self._info = info

    async def GetSystemInfo(self, request: pb.GetSystemInfoRequest, context: Any) -> pb.GetSystemInfoResponse:
        """Return the facts of this scheduler."""
        return to_message(self._info, pb.GetSystemInfoResponse)

    async def WhoAmI(self, request: pb.WhoAmIRequest, context: Any) -> pb.WhoAmIResponse:
        """Return who calls."""
        return to_message(CallerView.of(caller(context), actor=actor_of(context)), pb.WhoAmIResponse)

    async def ListExecutors(self, request: pb.ListExecutorsRequest, context: Any) -> pb.ListExecutorsResponse:
        """Return a page of executors by name."""
        with refusing():
            first = self._tokens.read(scope="executors", token=request.page_token) or 0
            size = page_size(request.page_size, default=100)
            views = await self._desk.executors()
        more = first + size if first + size < len(views) else None
        return pb.ListExecutorsResponse(
            executors=[to_message(view, pb.Executor) for view in views[first : first + size]],
            next_page_token=self._tokens.write(scope="executors", after=more),
        )

    async def DrainExecutor(self, request: pb.DrainExecutorRequest, context: Any) -> pb.DrainExecutorResponse:
        """Let an executor end what it has and give it nothing new."""
        with refusing():
            await self._desk.drains.drain(
                name=request.name, request_id=request.request_id, reason=request.reason, actor=actor_of(context)
            )
            return pb.DrainExecutorResponse(executors=await self._named(request.name))

    async def UndrainExecutor(self, request: pb.UndrainExecutorRequest, context: Any) -> pb.UndrainExecutorResponse:
        """Let an executor take work again."""
        with refusing():
            await self._desk.drains.undrain(
                name=request.name, request_id=request.request_id, reason=request.reason, actor=actor_of(context)
            )
            return pb.UndrainExecutorResponse(executors=await self._named(request.name))

    async def _named(self, name: str) -> list[pb.Executor]:
        views = await self._desk.executors()
        return [to_message(view, pb.Executor) for view in views if view.name == name]
