"""Each call of the API is told before it is made, and what it returned after: the parent then knows which one hangs."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.values import ARGUMENT_CHARACTERS, shown
from proxx_resolve_executor.bridge.wire import Fault

P = ParamSpec("P")
R = TypeVar("R")

SCRIPT_ERRORS = (AttributeError, TypeError, ValueError, LookupError, RuntimeError, OSError, ArithmeticError)
"""What a call of the remote API raises; a method of an object that is gone is None, which is a TypeError to call."""


class OperationError(Exception):
    """An operation that has no value."""

    def __init__(self, fault: Fault, text: str) -> None:
        """Take the fault and its sentence."""
        super().__init__(text)
        self.fault = fault
        self.text = text


class Recorder:
    """Makes the calls of one operation, by names as `ProjectManager.LoadProject`."""

    def __init__(self, *, begin: Callable[[str], None], end: Callable[[str], None]) -> None:
        """Take what is told before and after each call."""
        self._begin = begin
        self._end = end

    def call(self, name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Make one call and return what it returned.

        Raises:
            OperationError: it raised an error.
        """
        self._begin(f"{name}({', '.join(shown(value, ARGUMENT_CHARACTERS) for value in args)})")
        try:
            result = function(*args, **kwargs)
        except SCRIPT_ERRORS as error:
            sentence = f"{type(error).__name__}: {quote(text=str(error))}"
            self._end(f"raised {sentence}")
            raise OperationError(Fault.SCRIPT, f"{name} raised {sentence}") from error
        self._end(shown(result))
        return result
