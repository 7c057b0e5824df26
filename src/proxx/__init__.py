"""Proxx makes proxy media from camera footage and proves that each proxy can stand in for its source.

The library surface is loaded on first use, so that `import proxx` costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxx.library import (
        ClipExecutionResult,
        FpsMode,
        JobExecutionResult,
        JobSpec,
        JobSpecValidationError,
        execute_multi_job_spec,
    )

__all__ = [
    "ClipExecutionResult",
    "FpsMode",
    "JobExecutionResult",
    "JobSpec",
    "JobSpecValidationError",
    "execute_multi_job_spec",
]


def __getattr__(name: str) -> object:
    """Load the library surface when one of its names is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import proxx.library

    return getattr(proxx.library, name)
