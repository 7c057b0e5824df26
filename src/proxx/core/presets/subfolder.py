"""The folder template of FOLDER_OUTPUT: a relative path whose tokens are the same for the whole job."""

import re

from proxx.core.naming import name_fault, parse_moment, template_violations
from proxx.core.quoting import quote

FOLDER_TOKENS = ("job_id", "date", "time")
"""Tokens that every clip of a job shares and that the preset alone does not fix."""

_TOKEN = re.compile(r"\{([^{}]*)\}")
_SAMPLE = {"job_id": "00000000", "date": "20000101", "time": "000000"}


def subfolder_faults(template: str) -> list[str]:
    """Return the rules that the template breaks; empty means the base directory itself."""
    if not template:
        return []
    found = []
    foreign = [token for token in subfolder_tokens(template) if token not in FOLDER_TOKENS]
    if foreign:
        shown = ", ".join(quote(text="{" + token + "}") for token in foreign)
        legal = ", ".join("{" + token + "}" for token in FOLDER_TOKENS)
        found.append(f"{shown} may not stand in a folder; tokens that a whole job shares are {legal}")
    faults = (_part_fault(part, known=not foreign) for part in template.split("/"))
    return [*found, *(fault for fault in faults if fault)]


def subfolder_tokens(template: str) -> tuple[str, ...]:
    """Return the tokens of the template, each once."""
    return tuple(dict.fromkeys(_TOKEN.findall(template)))


def render_subfolder(*, template: str, job_id: str, created_at: str) -> str:
    """Return the folder. `date` and `time` are those of `created_at` in its own offset.

    Raises:
        ValueError: created_at is no ISO 8601 time with offset.
    """
    moment = parse_moment(text=created_at)
    date = f"{moment.year:04d}{moment.month:02d}{moment.day:02d}"
    time = f"{moment.hour:02d}{moment.minute:02d}{moment.second:02d}"
    return _render(template, {"job_id": job_id, "date": date, "time": time})


def _render(template: str, values: dict[str, str]) -> str:
    return _TOKEN.sub(lambda match: values[match[1]], template)


def _part_fault(part: str, *, known: bool) -> str:
    if part in ("", ".", ".."):
        return "a folder is a relative path without empty, . or .. components"
    violations = template_violations(template=part, source_count=1, field="component")
    if violations and known:
        return violations[0].message
    fault = name_fault(name=_render(part, _SAMPLE)) if known else ""
    return f"component {quote(text=part)}: {fault}" if fault else ""
