"""Findings shown: lines for a person, or one JSON object."""

import json
import sys
from collections.abc import Sequence

from proxx_resolve_executor.doctor.finding import Finding, broken, finding_lines


def show_report(*, findings: Sequence[Finding], as_json: bool) -> bool:
    """Write the findings to stdout; returns whether the host is unfit."""
    unfit = broken(findings=findings)
    if as_json:
        checks = [
            {"name": one.name, "level": one.level.value, "fact": one.fact, "action": one.action} for one in findings
        ]
        sys.stdout.write(json.dumps({"ok": not unfit, "checks": checks}, indent=2) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for one in findings for line in finding_lines(finding=one)))
    return unfit
