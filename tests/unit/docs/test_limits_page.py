"""docs/LIMITS.md and the table of bad sources: every limit is the code's, and every test that they name exists."""

import re
from pathlib import Path

import pytest

from proxx.core.jobspec import MAX_SOURCES, MAX_TEXT_BYTES
from proxx.core.jobspec.json_text import MAX_DEPTH
from proxx.core.jobspec.values import MAX_ENTRIES, MAX_PATH_BYTES
from proxx.core.naming import MAX_NAME_BYTES
from proxx.core.suffixes import MAX_SUFFIX
from proxx.core.units.numbering import MOST_FRAMES
from proxx.engine.clip_folder import MOST_ENTRIES
from proxx.rpc.channel_options import MAX_MESSAGE_BYTES
from proxx_scheduler import bootstrap, rules_text
from proxx_scheduler.app import acquiring, bounds, drains, event_hub, intake, job_desk, planning, sessions, verbs
from proxx_scheduler.transport import paging

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "LIMITS.md").read_text(encoding="utf-8")
SOURCES_PAGE = (ROOT / "docs" / "ENGINE_CAPABILITIES.md").read_text(encoding="utf-8")
BAD_SOURCES = "tests/media/test_bad_sources.py"

LIMITS = {
    "sources of a JobSpec": (MAX_SOURCES,),
    "bytes of a JobSpec, in UTF-8": (MAX_TEXT_BYTES,),
    "fields of a JobSpec that are looked at, entries of one of its objects": (MAX_ENTRIES,),
    "nesting of a JobSpec": (MAX_DEPTH,),
    "bytes of a path": (MAX_PATH_BYTES,),
    "files of one clip ([SOURCES.md](SOURCES.md))": (MOST_FRAMES,),
    "entries of a folder that a source names, or that its clip lies in": (MOST_ENTRIES,),
    "bytes of an output's name": (MAX_NAME_BYTES,),
    "numbered names (collision policy SUFFIX)": (MAX_SUFFIX,),
    "bytes of one gRPC message": (MAX_MESSAGE_BYTES,),
    "sources of a dry run (PlanJob, and the look before RebindPreset)": (planning.PLAN_LIMIT,),
    "characters of what a job keeps of one source, as JSON: facts, identity and plan; of the violations in a report"
    " about it": (bounds.DOCUMENT_LIMIT, bounds.VIOLATIONS_LIMIT),
    "bytes that a plan allows its output to grow to": (bounds.CEILING_LIMIT,),
    "camera RAW clips that a dry run has inspected in Resolve": (planning.INSPECT_LIMIT,),
    "paths of ProbeSource": (job_desk.PROBE_LIMIT,),
    "entries of a page": (paging.SIZE_LIMIT,),
    "characters of a page token": (paging.TOKEN_LIMIT,),
    "characters of a request_id": (verbs.REQUEST_ID_LIMIT,),
    "characters of a queue's name": (intake.QUEUE_LIMIT,),
    "priority": (-intake.PRIORITY_LIMIT, intake.PRIORITY_LIMIT),
    "clips open at once (max_parallel_clips)": (intake.WINDOW_LIMIT,),
    "labels of a job": (intake.LABEL_LIMIT,),
    "requeues of a lost clip (requeue_limit)": (intake.REQUEUE_LIMIT,),
    "pairs of an executor's `codecs`; characters of one": (sessions.CODECS_LIMIT, sessions.CODEC_LIMIT),
    "characters of an executor's name; of its incarnation; of its version": tuple(sessions.TEXT_LIMITS.values()),
    "slots of an executor": (sessions.SLOTS_LIMIT,),
    "places to probe of an executor beside its slots": (sessions.SLOTS_LIMIT,),
    "seconds that a call for work waits": (int(acquiring.WAIT_LIMIT_SECONDS),),
    "characters of the reason of a drain": (drains.REASON_LIMIT,),
    "ranges of a verb's plan": (verbs.RANGE_LIMIT,),
    "queues that settings name": (rules_text.QUEUES_LIMIT,),
    "calls open at once on one connection": (bootstrap.MAX_CALLS,),
    "events that a stream may fall behind": (event_hub.CAPACITY,),
}


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its own two lines."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def numbers(cell: str) -> tuple[int, ...]:
    """The numbers of a cell, without those that only say one of them in other words."""
    plain = re.sub(r"\([^)]*\)", "", cell).replace(",", "")
    return tuple(int(word) for word in re.findall(r"(?<![A-Za-z])-?\d+", plain))


def test_every_limit_is_the_codes_and_none_is_left_out() -> None:
    assert {what: numbers(limit) for what, limit, _ in rows(PAGE, "Limits")} == LIMITS
    assert bootstrap.MAX_SOURCES == MAX_SOURCES


def named_tests(page: str, heading: str, default: str) -> list[tuple[str, str]]:
    """The tests of the last column as (file, function or "")."""
    found = []
    for *_, cell in rows(page, heading):
        named = re.findall(r"`((?:tests/[\w/]+\.py)?)(?:::)?(test_\w+)?`", cell)
        assert named, f"no test is named: {cell}"
        found += [(file or default, function) for file, function in named]
    return found


@pytest.mark.parametrize(
    ("page", "heading"),
    [
        pytest.param(PAGE, "Bad input", id="calls"),
        pytest.param(SOURCES_PAGE, "Bad input, and what happens", id="sources"),
    ],
)
def test_every_row_names_tests_that_exist(page: str, heading: str) -> None:
    missing = [
        (file, function)
        for file, function in named_tests(page, heading, BAD_SOURCES)
        if not (ROOT / file).is_file()
        or (function and not re.search(rf"^(async )?def {function}\(", (ROOT / file).read_text(), re.MULTILINE))
    ]
    assert missing == []
