"""Logs of a process: one JSON object a line on stderr, or lines for people when asked. Safe on any terminal."""

import json
import logging
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog

from proxx.runtime.terminal import printable

LEVELS = ("debug", "info", "warning", "error")
_FIRST = ("time", "level", "event", "logger")
_HANDLER_NAME = "proxx"
EventDict = MutableMapping[str, Any]


def configure_logs(*, level: str = "info", console: bool = False, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to `stream` (stderr), from `level` up. Call again to change.

    Every record has time (UTC), level, event and logger, and what `log_context` bound.

    Raises:
        ValueError: the level is none of debug, info, warning, error.
    """
    if level not in LEVELS:
        raise ValueError(f"log level {level!r}: expected one of {', '.join(LEVELS)}")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _without_formatted_twins],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _console_line if console else _json_line,
        ],
    )
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.set_name(_HANDLER_NAME)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [item for item in root.handlers if item.get_name() == _HANDLER_NAME]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # A debug line of gRPC about a server that was never started holds the server past its end: the interpreter crashes.
    logging.getLogger("grpc").setLevel(max(logging.INFO, root.level))
    logging.captureWarnings(True)


def log_context(
    *, job_key: str | None = None, job_id: str | None = None, clip_index: int | None = None
) -> AbstractContextManager[None]:
    """Bind job and clip to every record of this task (and of tasks that it starts) while the block runs."""
    ids = {"job_key": job_key, "job_id": job_id, "clip_index": clip_index}
    return structlog.contextvars.bound_contextvars(**{name: value for name, value in ids.items() if value is not None})


def _without_formatted_twins(logger: object, method: str, event: EventDict) -> EventDict:
    del logger, method
    for key in ("message", "asctime"):  # another handler's formatter leaves them on the record
        event.pop(key, None)
    return event


def _json_line(logger: object, method: str, event: EventDict) -> str:
    del logger, method
    ordered = {name: event.pop(name) for name in _FIRST if name in event} | dict(event)
    # ASCII only: neither escape sequences nor reordering characters nor lone surrogates reach a terminal or a parser
    return json.dumps(ordered, ensure_ascii=True, default=repr).replace("\x7f", "\\u007f")


def _console_line(logger: object, method: str, event: EventDict) -> str:
    del logger, method
    time, level, text, name = (str(event.pop(key, "")) for key in _FIRST)
    trace = event.pop("exception", None)
    facts = " ".join(f"{key}={_shown(value)}" for key, value in event.items())
    line = f"{printable(time[:19])}Z {level:7} {printable(text)}" + (f"  {facts}" if facts else "")
    line += f"  [{printable(name)}]"
    return f"{line}\n{printable(str(trace), keep=chr(10))}" if trace else line


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    shown = printable(text)
    return shown if shown and " " not in shown else f'"{shown}"'
