"""Child processes of the bridge in memory: one over the fake API, one that says what a test says."""

# ruff: noqa: ARG005 what a fake does not need it takes nevertheless

import asyncio
from collections.abc import Callable, Mapping

from proxx_resolve_executor.bridge.child import Operator
from proxx_resolve_executor.bridge.child_port import ChildEndedError, FaultError
from proxx_resolve_executor.bridge.wire import (
    Answered,
    CallBegun,
    CallEnded,
    Faulted,
    Question,
    Reply,
    question_line,
    read_question,
    read_reply,
    reply_line,
)
from tests.fakes.resolve_api import FakeApi


class LocalChild:
    """Implements Child: the child's own code over the fake API, every message through the lines of the wire.

    `before` is called with each operation first; it may raise, as a child that hangs or dies makes its parent do.
    """

    def __init__(
        self,
        api: FakeApi,
        *,
        on_call: Callable[[str, str], None] = lambda call, result: None,
        before: Callable[[str], None] = lambda operation: None,
    ) -> None:
        self._replies: list[Reply] = []
        self._operator = Operator(tell=lambda reply: self._replies.append(read_reply(reply_line(reply))), module=api)
        self._on_call = on_call
        self._before = before
        self.asked: list[str] = []
        self.ended = False

    async def ask(self, operation: str, arguments: Mapping[str, object], *, seconds: float) -> object:
        if self.ended:
            raise ChildEndedError("the child process was ended")
        self.asked.append(operation)
        self._before(operation)
        await asyncio.sleep(0)
        if operation == "load":
            return "3.11.7"
        self._replies.clear()
        question = Question(id=len(self.asked), operation=operation, arguments=arguments)
        self._operator.do(read_question(question_line(question)))
        begun = ""
        for reply in self._replies:
            match reply:
                case CallBegun(call=call):
                    begun = call
                case CallEnded(result=result):
                    self._on_call(begun, result)
                case Answered(value=value):
                    return value
                case Faulted(fault=fault, text=text):
                    raise FaultError(fault, text)
        raise AssertionError(f"{operation} was not answered")

    async def end(self) -> None:
        self.ended = True
