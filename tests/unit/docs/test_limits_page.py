"""docs/LIMITS.md and the table of bad sources: every limit is the code's, and every test that they name exists."""

import re
from pathlib import Path

import pytest

from proxx.core.jobspec import MAX_SOURCES, MAX_TEXT_BYTES
from proxx.core.jobspec.json_text import MAX_DEPTH
from proxx.core.jobspec.values import MAX_ENTRIES, MAX_PATH_BYTES
from proxx.core.naming import MAX_NAME_BYTES
from proxx.core.overload import MAX_MESSAGE_BYTES, CallKind, CallLimits, largest_message
from proxx.core.planner.ceiling import LEAST_CEILING_BYTES
from proxx.core.planner.command import LARGEST_PIXELS
from proxx.core.sources import (
    avi,
    bounded_reader,
    isobmff_notes,
    isobmff_tags,
    matroska_limits,
    sound_limits,
    time_limits,
)
from proxx.core.sources.packet_log import MAX_PACKETS
from proxx.core.sources.source_refusals import MOST_STREAMS
from proxx.core.suffixes import MAX_SUFFIX
from proxx.core.units.numbering import MOST_FRAMES
from proxx.engine import runaway
from proxx.engine.clip_folder import MOST_ENTRIES
from proxx.engine.output_lines import LINE_LIMIT_BYTES
from proxx.engine.probe.argv import MAX_ALLOCATION_BYTES
from proxx.engine.probe.listing import DOCUMENT_CHARACTERS
from proxx.engine.probe.probe_source import LISTING_SECONDS, MEMORY_BYTES, SLOWEST_BYTES_A_SECOND, SMALL_SECONDS
from proxx.rpc import channel_options
from proxx_scheduler import bootstrap, rules_text, shell
from proxx_scheduler.app import acquiring, bounds, drains, event_hub, intake, job_desk, planning, sessions, verbs
from proxx_scheduler.transport import paging

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "LIMITS.md").read_text(encoding="utf-8")
SOURCES_PAGE = (ROOT / "docs" / "ENGINE_CAPABILITIES.md").read_text(encoding="utf-8")
BAD_SOURCES = "tests/media/test_bad_sources.py"

CALLS = CallLimits()
CLIENTS = (CallKind.OTHER, CallKind.SUBMISSION, CallKind.LOOK, CallKind.STREAM)
EXECUTORS = (CallKind.EXECUTOR, CallKind.LONG_POLL)
HEALTH = (CallKind.HEALTH, CallKind.HEALTH_STREAM)

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
    "bytes of the request of a method that carries no spec and no results of executors: at most; of lists and reports;"
    " of a session; of ProbeSource": tuple(
        largest_message(method=f"/proxx.api.{method}")
        for method in (
            "jobs.v1.JobService/GetJob",
            "executors.v1.ExecutorService/RenewLeases",
            "executors.v1.ExecutorService/OpenSession",
            "jobs.v1.JobService/ProbeSource",
        )
    ),
    "bytes of a call's metadata": (channel_options.REQUEST_METADATA_BYTES,),
    "sources of a dry run (PlanJob, and the look before RebindPreset)": (planning.PLAN_LIMIT,),
    "characters of what a job keeps of one source, as JSON: facts, identity and plan; of the violations in a report"
    " about it": (bounds.DOCUMENT_LIMIT, bounds.VIOLATIONS_LIMIT),
    "bytes that a plan allows its output to grow to": (bounds.CEILING_LIMIT,),
    "pixels of a source's picture ([HOSTILE_MEDIA.md](HOSTILE_MEDIA.md), here and below)": (LARGEST_PIXELS,),
    "bytes of one block of memory of ffprobe; of its address space": (MAX_ALLOCATION_BYTES, MEMORY_BYTES),
    "tracks, cover pictures and attached files of a source": (MOST_STREAMS,),
    "packets of a video track": (MAX_PACKETS,),
    "seconds from the first picture to the last; from one to the next": (
        time_limits.LONGEST_SPAN_SECONDS,
        time_limits.LONGEST_GAP_SECONDS,
    ),
    "pictures a second": (time_limits.FASTEST_RATE,),
    "samples a second of a sound track, from and to; channels of it": (
        sound_limits.LEAST_SAMPLE_RATE,
        sound_limits.LARGEST_SAMPLE_RATE,
        sound_limits.MOST_CHANNELS,
    ),
    "samples of silence, over all channels, that fill one hole of a sound track": (sound_limits.MOST_FILLED_SAMPLES,),
    "parts of a source that are looked at before its tracks are found; bytes read for it": (
        bounded_reader.MAX_READS,
        bounded_reader.MAX_BYTES,
    ),
    "entries of an edit list": (isobmff_notes.MOST_EDITS,),
    "tags of a QuickTime or ISO file, in one list": (isobmff_tags.MOST_TAGS,),
    "bytes of a Matroska file's tags; chapters; attached files": (
        matroska_limits.MOST_TAG_BYTES,
        matroska_limits.MOST_CHAPTER_BYTES,
        matroska_limits.MOST_ATTACHED_BYTES,
    ),
    "bytes of an AVI file's notes": (avi.MOST_NOTE_BYTES,),
    "bytes of one line that ffprobe prints, such as all tags of the file; characters of what it says of tracks and"
    " tags": (LINE_LIMIT_BYTES, DOCUMENT_CHARACTERS),
    "seconds that ffprobe may list a file: at least, and for the slowest storage in bytes a second; at most": (
        int(SMALL_SECONDS),
        SLOWEST_BYTES_A_SECOND,
        int(LISTING_SECONDS),
    ),
    "pictures that FFmpeg may make beyond the planned ones; seconds": (runaway.SPARE_FRAMES, runaway.SPARE_SECONDS),
    "bytes of a proxy beyond a quarter more than all its pictures and sounds uncompressed": (LEAST_CEILING_BYTES,),
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
    "calls open at once on one connection": (shell.MAX_CALLS,),
    "connections of one server, of all callers together (`--max-connections`)": (channel_options.MAX_CONNECTIONS,),
    "seconds until a connection has said what it is; without a call, until it is closed": (
        channel_options.HANDSHAKE_MS // 1000,
        channel_options.IDLE_MS // 1000,
    ),
    "seconds between two pings of a client without data; pings sooner than that": (
        channel_options.SHORTEST_PING_MS // 1000,
        channel_options.PING_STRIKES,
    ),
    "calls worked on at once: ordinary; submissions; those that look at files; streams; executors'; calls for work;"
    " health; streams of health": tuple(CALLS.kinds[kind].running for kind in (*CLIENTS, *EXECUTORS, *HEALTH)),
    "calls that wait for a place: ordinary; submissions; those that look at files; executors'": tuple(
        CALLS.kinds[kind].waiting for kind in (*CLIENTS[:3], CallKind.EXECUTOR)
    ),
    "calls that one identity has open: ordinary; submissions; those that look at files; streams": tuple(
        CALLS.kinds[kind].each for kind in CLIENTS
    ),
    "calls of health that one host has open, anywhere: answered once; streams": tuple(
        CALLS.kinds[kind].each_open for kind in HEALTH
    ),
    "calls that one host has open at a listener that asks nobody who they are: the same kinds": tuple(
        CALLS.kinds[kind].each_open for kind in CLIENTS
    ),
    "calls a second of one identity, or of such a host, in the long run; after a rest": (
        int(CALLS.rate.per_second),
        CALLS.rate.burst,
    ),
    "executors' calls a second of one identity; after a rest; of such a host; after a rest": (
        int(CALLS.rate_executors.per_second),
        CALLS.rate_executors.burst,
        int(CALLS.rate_executors_open.per_second),
        CALLS.rate_executors_open.burst,
    ),
    "seconds that a call waits for a place; that its request takes to arrive": (
        int(CALLS.wait_seconds),
        int(CALLS.receive_seconds),
    ),
    "seconds that a refusal of these is held back, at least and at most; refusals that are": (
        int(CALLS.park_seconds),
        int(CALLS.longest_park_seconds),
        CALLS.parked,
    ),
    "seconds of the deadline of a call that answers once": (int(CALLS.deadline_seconds),),
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
    assert CALLS.rate == CALLS.rate_open


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
