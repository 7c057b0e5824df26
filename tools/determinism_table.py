"""The generated part of docs/DETERMINISM.md."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.determinism_conditions import Condition
from tools.determinism_trial import CellDigests

BEGIN, END = "<!-- determinism: begin -->", "<!-- determinism: end -->"
GROUP_TITLES = {
    "profiles": "Every profile in each of its containers, from noise (H.264 long-GOP, 48 kHz)",
    "footage": "Every kind of generated footage, to one profile (at most 2 runs of each)",
    "sounds": "Every way in which sound is coded, to PCM of 24 bits (at most 2 runs of each)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where it was measured."""

    ffmpeg: str
    cpu_class: str
    cores: int
    libraries: Mapping[str, str]
    seconds: float


def campaign_text(
    *, tried: list[CellDigests], refused: list[str], conditions: tuple[Condition, ...], host: Host
) -> str:
    """Return the tables: how many different digests each plan gave under each condition; 1 is what is claimed.

    `refused` are the pairs that have no plan for their source, each with the reason.
    """
    runs = sum(sum(counted.values()) for item in tried for counted in item.found.values())
    failed = [item for item in tried if not item.one]
    head = [
        f"- {len(tried)} plans, {runs} runs in {host.seconds:.0f} s: {len(tried) - len(failed)} plans gave one digest "
        f"in every run, {len(failed)} did not.",
        f"- {host.ffmpeg} on {host.cpu_class}, {host.cores} cores.",
        "- " + ", ".join(value.split(" sha256:")[0] for value in host.libraries.values()) + ".",
    ]
    head += [f"- not tried: {reason}" for reason in refused]
    parts = ["\n".join(head), _conditions(conditions)]
    for group, title in GROUP_TITLES.items():
        items = [item for item in tried if item.cell.group == group]
        if items:
            parts.append(f"**{title}**\n\n{_table(items, conditions)}")
    return "\n\n".join(parts)


def replaced(document: str, text: str) -> str:
    """Return the document with `text` between its markers.

    Raises:
        ValueError: it has no markers.
    """
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def documented_plans(document: str) -> list[str]:
    """Return the names of the plans that the document's tables list."""
    body = document.partition(BEGIN)[2].partition(END)[0]
    return [line.split("|")[1].strip().strip("`") for line in body.splitlines() if line.startswith("| `")]


def _conditions(conditions: tuple[Condition, ...]) -> str:
    rows = [
        f"| {item.name} | {item.what} |" if not item.missing else f"| {item.name} | **not run**: {item.missing} |"
        for item in conditions
    ]
    return "\n".join(("| condition | what it is |", "| --- | --- |", *rows))


def _table(items: list[CellDigests], conditions: tuple[Condition, ...]) -> str:
    shown = [condition for condition in conditions if not condition.missing]
    head = f"| plan | {' | '.join(condition.name for condition in shown)} |"
    rows = [f"| `{item.cell.name}` | {' | '.join(_count(item, c, shown[0]) for c in shown)} |" for item in items]
    return "\n".join((head, f"| --- |{' --- |' * len(shown)}", *rows))


def _count(item: CellDigests, condition: Condition, first: Condition) -> str:
    if any(digest.startswith("failed") for digest in item.found[condition.name]):
        return "**failed**"
    count = item.distinct(condition.name, first=first.name)
    return "1" if count == 1 else f"**{count}**"
