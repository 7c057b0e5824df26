"""For which engines a job is admitted where none of their executors may be there."""

from collections.abc import Collection

from proxx.core.detection import Engine
from proxx_scheduler.app.ports import Tx


def admitted_engines(tx: Tx, *, hold: bool, alive: Collection[str]) -> frozenset[Engine]:
    """Return the engines that a job may need. With `hold` all of them: a job waits for executors that are to come.

    Otherwise those of healthy executors: `alive` are the incarnations that call, and none of them is drained or fenced.
    FFmpeg is always among them, as nothing but an executor can tell what a source is.
    """
    if hold:
        return frozenset(Engine)
    healthy = (view for view in tx.executors() if view.state == "READY" and view.incarnation in alive)
    return frozenset(view.engine for view in healthy) | {Engine.FFMPEG}
