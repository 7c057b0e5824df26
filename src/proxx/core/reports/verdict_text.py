"""A clip's verdict in a few words."""

from proxx.core.reports.job_report import ClipReport
from proxx.core.reports.units import plural
from proxx.core.verdict import CheckLevel


def verdict_text(clip: ClipReport) -> str:
    """Return `passed, 24 checks`, `passed, 24 checks, 1 warning (reel_name)` or `failed (frame_count)`.

    Empty when nothing was measured.
    """
    if clip.check_count is None:
        return ""
    failed = [check.name for check in clip.open_checks if check.level is CheckLevel.FAIL]
    if failed:
        return f"failed ({', '.join(failed)})"
    warned = [check.name for check in clip.open_checks]
    more = f", {plural(len(warned), 'warning')} ({', '.join(warned)})" if warned else ""
    return f"passed, {plural(clip.check_count, 'check')}{more}"
