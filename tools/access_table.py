"""Prints the matrix of roles of docs/SECURITY_MODEL.md from the policy; with --check, compares the two."""

import sys
from collections import defaultdict
from pathlib import Path

from proxx.core.access import HTTP_POLICY, INCLUDED, POLICY, Grant, Role
from tools.documented_table import DocumentedTable

TABLE = DocumentedTable(
    document=Path(__file__).parents[1] / "docs" / "SECURITY_MODEL.md", name="roles", tool="tools.access_table"
)


def table() -> str:
    """Return one row for each method and route, with a column for each role."""
    head = ["method or route", "needs", *(role.value for role in Role)]
    lines = [_row(head), _row(["---"] * len(head))]
    services: dict[str, list[tuple[str, Grant]]] = defaultdict(list)
    for path, grant in POLICY.items():
        _, service, method = path.split("/")
        services[service].append((method, grant))
    for service, methods in services.items():
        lines.append(_row([f"**{service}**", *[""] * (len(head) - 1)]))
        lines += [_cells(method, grant) for method, grant in methods]
    lines.append(_row(["**HTTP**", *[""] * (len(head) - 1)]))
    lines += [_cells(f"GET {route}", grant) for route, grant in HTTP_POLICY.items()]
    return "\n".join(lines)


def _cells(name: str, grant: Grant) -> str:
    if grant.role is None:
        needs = "any identity" if grant.known else "nothing"
        return _row([name, needs, *["yes" for _ in Role]])
    return _row([name, grant.role.value, *[_may(role, grant) for role in Role]])


def _may(role: Role, grant: Grant) -> str:
    if grant.role not in INCLUDED[role]:
        return "-"
    return "own jobs" if grant.own and Role.OPERATOR not in INCLUDED[role] else "yes"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(TABLE.run(table=table(), arguments=sys.argv[1:]))
