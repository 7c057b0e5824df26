"""The port between the bridge and its child process, and the ways in which an operation ends without a value."""

from collections.abc import Callable, Mapping
from typing import Protocol

from proxx_resolve_executor.bridge.wire import Fault


class ChildError(Exception):
    """An operation has no value. The message is a sentence with facts."""


class CallHungError(ChildError):
    """A call did not return within its deadline. The child was killed; Resolve is in an unknown state."""


class ChildEndedError(ChildError):
    """The child is gone. `signal_number` is the signal that ended it, None where it exited."""

    def __init__(self, sentence: str, *, signal_number: int | None = None) -> None:
        """Take the sentence and what ended it."""
        super().__init__(sentence)
        self.signal_number = signal_number


class FaultError(ChildError):
    """The child lives, and told why the operation has no value."""

    def __init__(self, fault: Fault, sentence: str) -> None:
        """Take the fault and its sentence."""
        super().__init__(sentence)
        self.fault = fault


class WedgedError(ChildError):
    """Resolve answers, and does nothing of what it is asked; only a restart helps."""


class Child(Protocol):
    """One child process. It does one operation at a time."""

    async def ask(self, operation: str, arguments: Mapping[str, object], *, seconds: float) -> object:
        """Have an operation done and return its value: plain JSON.

        A cancelled call does not stop the operation: the next one waits for its end first, within its deadline.

        Raises:
            ChildError: it has no value.
        """
        ...

    async def end(self) -> None:
        """Kill the process and wait for its end. Never raises; nothing may be asked afterwards."""
        ...


OnCall = Callable[[str, str], None]
"""Told of each call of the API that returned: the call, and what came back."""
