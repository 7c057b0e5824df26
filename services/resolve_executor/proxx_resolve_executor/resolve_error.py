"""What can go wrong with DaVinci Resolve, as types (seed 000) with the kind of failure that a clip's result states."""

from proxx.core.failure import FailureKind


class ResolveError(Exception):
    """Anything that Resolve did, or is not. `kind` is what a clip fails with; the message is a sentence with facts.

    `host` says that this Resolve cannot work for any clip at present: the fault is not the clip's. `calls` is what
    Resolve was told before, call by call, as in `RenderEnd`.
    """

    kind = FailureKind.ENGINE_UNAVAILABLE
    host = True
    calls: tuple[str, ...] = ()


class ResolveNotFoundError(ResolveError):
    """No installation at any of the places that the message names."""


class ResolveFreeError(ResolveError):
    """The free edition, which external programs cannot script."""


class ResolveValidationError(ResolveError):
    """An installation that cannot be scripted: wrong Python, module absent, scripting switched off, database absent."""


class ResolveUnresponsiveError(ResolveError):
    """A call did not return within its deadline, or the process vanished; Resolve is ended and started again."""


class ExecutionError(ResolveError):
    """One clip could not be made; the next one may."""

    kind = FailureKind.RENDER_FAILED
    host = False


class PreFlightError(ExecutionError):
    """Refused before anything was rendered: a preset altered, a codec pair absent, a setting that did not take."""

    kind = FailureKind.PLAN_MISMATCH


class ImportRefusedError(ExecutionError):
    """Resolve does not read the source."""

    kind = FailureKind.SOURCE_UNREADABLE


class RenderError(ExecutionError):
    """The render failed, was cancelled by somebody, or ended without its file."""


class RenderStalledError(ExecutionError):
    """The render did not move for longer than the plan allows."""

    kind = FailureKind.TOOL_STALLED


class RenderTimeoutError(ExecutionError):
    """The render took longer than the plan allows."""

    kind = FailureKind.TOOL_TIMEOUT


class OutputError(ExecutionError):
    """Resolve says complete, and there is no file, more than one, or one under another name."""

    kind = FailureKind.OUTPUT_MISSING
