"""What an event says beyond its kind and the states, where a reader would otherwise wonder."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from proxx.cli.text import plural
from proxx.core.jobs import JobEvent


def event_note(event: JobEvent) -> str:
    """Return a few words on an event, "" where kind and states say it all."""
    note = NOTES.get(event.kind)
    if note is None:
        return ""
    data = json.loads(event.data_json)
    return note(data) if isinstance(data, dict) else ""


def _late(data: Mapping[str, Any]) -> str:
    said = data.get("said")
    claim = " ".join(f"{name} {value}" for name, value in said.items()) if isinstance(said, dict) else ""
    step = f"{data.get('step')} epoch {data.get('epoch')} ({data.get('attempt')})"
    current = data.get("current_epoch")
    newest = "" if data.get("epoch") == current else f"; the newest epoch is {current}"
    return f"not applied, it came too late: {data.get('report')} of {step}{': ' if claim else ''}{claim}{newest}"


def _by_policy(data: Mapping[str, Any]) -> str:
    times = f"{data.get('requeue')} of {data.get('requeue_limit')}"
    return f"automatic requeue by policy, {times}: what was left is swept first"


def _delivered(data: Mapping[str, Any]) -> str:
    return f"{data.get('result')}: made by {data.get('made_by')}, found by {data.get('delivered_by')}"


def _not_delivered(data: Mapping[str, Any]) -> str:
    return f"what was left is not what the clip needs: {data.get('why')}"


def _executor(data: Mapping[str, Any]) -> str:
    reason = data.get("reason")
    return f"{data.get('executor')}{': ' if reason else ''}{reason or ''}"


def _lost(data: Mapping[str, Any]) -> str:
    count = f"lost {data.get('losses')} times after its start, given up at {data.get('losses_limit')}"
    return f"{data.get('why')}; {count}"


def _inspected(data: Mapping[str, Any]) -> str:
    return f"only Resolve can state the facts of {plural(int(data.get('clips', 0)), 'clip')}"


def _why(data: Mapping[str, Any]) -> str:
    return str(data.get("why", ""))


def _denied(data: Mapping[str, Any]) -> str:
    what = f"{data.get('reason')} {data.get('method')} from {data.get('peer')}" if "reason" in data else "other kinds"
    return f"{what}, {plural(int(data.get('count', 0)), 'call')}, the last at {data.get('last')}"


NOTES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "access.denied": _denied,
    "clip.stale_report": _late,
    "clip.requeue_by_policy": _by_policy,
    "job.inspect": _inspected,
    "clip.probe_lost": _lost,
    "clip.inspect_lost": _lost,
    "clip.inspect_returned": _why,
    "clip.return": _why,
    "clip.sweep_lost": _lost,
    "clip.deliver": _delivered,
    "clip.delivery_refused": _not_delivered,
    "executor.drain": _executor,
    "executor.undrain": _executor,
    "executor.fence": _executor,
    "executor.unfence": _executor,
}
