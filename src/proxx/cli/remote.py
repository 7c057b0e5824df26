"""Runs the asynchronous part of a command and turns what can go wrong outside into lines and an exit code."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from proxx.cli.access_advice import what_to_do
from proxx.cli.errors import CommandError, InterruptedCommandError
from proxx.cli.exits import ExitCode
from proxx.core.violation import Violation
from proxx.embedded.errors import EmbeddedError
from proxx.rpc.address import AddressError
from proxx.rpc.client_security import ClientFilesError, ClientSecurityError
from proxx.rpc.errors import CallError, CallTimeoutError, RefusedCallError, SchedulerUnreachableError

Answer = TypeVar("Answer")

_CALLERS_FAULT = frozenset(
    {
        "SPEC_INVALID",
        "REQUEST_INVALID",
        "REQUEST_ID_REUSED",
        "JOB_NOT_FOUND",
        "PROFILE_NOT_FOUND",
        "EXECUTOR_NOT_FOUND",
        "TRANSITION_NOT_ALLOWED",
        "REVISION_MISMATCH",
    }
)


def run_remote(body: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run `body` to its end in an event loop of its own.

    Ctrl-C cancels it and is raised as KeyboardInterrupt, SIGTERM cancels it too.

    Raises:
        CommandError: a call was refused or not answered, or the embedded processes failed.
    """
    try:
        return asyncio.run(_until_terminated(body))
    except RefusedCallError as error:
        raise CommandError(*refusal_lines(error), exit_code=_refusal_code(error)) from error
    except SchedulerUnreachableError as error:
        raise CommandError(f"no scheduler answers: {error}", exit_code=ExitCode.SYSTEM) from error
    except CallTimeoutError as error:
        raise CommandError(f"the scheduler did not answer in time: {error}", exit_code=ExitCode.SYSTEM) from error
    except ClientFilesError as error:
        raise CommandError(f"--{error}", exit_code=ExitCode.SYSTEM) from error
    except ClientSecurityError as error:
        raise CommandError(f"--{error}", exit_code=ExitCode.USAGE) from error
    except AddressError as error:
        raise CommandError(str(error), exit_code=ExitCode.USAGE) from error
    except (CallError, EmbeddedError) as error:
        raise CommandError(*str(error).splitlines(), exit_code=ExitCode.SYSTEM) from error
    except OSError as error:
        raise CommandError(str(error), exit_code=ExitCode.SYSTEM) from error


def refusal_lines(error: RefusedCallError) -> list[str]:
    """Return one line for each broken rule, or the refusal itself when it lists none."""
    lines = violation_lines(error.violations) + [f"{field}: {rule}" for field, rule in error.fields]
    return lines or [f"refused: {error.message} ({error.reason})", *what_to_do(error)]


def violation_lines(violations: Iterable[Violation]) -> list[str]:
    """Return one line for each violation: where, then what."""
    return [
        item.message if not item.field or item.message.startswith(item.field) else f"{item.field}: {item.message}"
        for item in violations
    ]


def _refusal_code(error: RefusedCallError) -> ExitCode:
    return ExitCode.VALIDATION if error.reason in _CALLERS_FAULT else ExitCode.SYSTEM


async def _until_terminated(body: Callable[[], Awaitable[Answer]]) -> Answer:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a command runs inside a task")
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await body()
    except asyncio.CancelledError:
        if terminated:
            raise InterruptedCommandError("terminated", terminated=True) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
