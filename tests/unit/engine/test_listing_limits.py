"""How long ffprobe may take over a file, and how much a file may say of itself."""

from pathlib import Path

import pytest

from proxx.core.roots import RootPath
from proxx.core.violation import ViolationCode
from proxx.engine.output_lines import LINE_LIMIT_BYTES
from proxx.engine.probe import probe_source
from proxx.engine.probe.listing import DOCUMENT_CHARACTERS, Listing, ListingTooLongError
from tests.fakes.tool_runner import FakeToolRunner, tool_result
from tests.unit.engine.test_probe_source import movie


def listing(*lines: str) -> Listing:
    made = Listing()
    for line in lines:
        made.add_line(line)
    return made


def test_a_line_that_was_cut_is_a_tag_beyond_the_limit() -> None:
    with pytest.raises(ListingTooLongError, match="list of tags of more than 65536 bytes"):
        listing("{", f'"tags": {{"a": "{"x" * LINE_LIMIT_BYTES}'[:LINE_LIMIT_BYTES]).document()
    with pytest.raises(ListingTooLongError, match="list of tags of more than 65536 bytes"):
        listing(
            "{", f'"tags": {{"a": "{"é" * LINE_LIMIT_BYTES}'.encode()[:LINE_LIMIT_BYTES].decode("utf-8", "replace")
        ).document()


def test_a_long_line_that_is_whole_is_read() -> None:
    assert listing("{", f'"a": "{"x" * 60_000}"', "}").document() == {"a": "x" * 60_000}


def test_many_lines_are_a_file_that_says_too_much() -> None:
    lines = ["x" * 60_000] * (DOCUMENT_CHARACTERS // 60_000 + 2)
    with pytest.raises(ListingTooLongError, match="tracks and tags of more than 16777216 characters"):
        listing(*lines).document()


@pytest.mark.parametrize(("size", "seconds"), [(100, 20.0), (400 * 1024 * 1024, 120.0), (10**13, 3600.0)])
async def test_the_time_for_a_listing_goes_with_the_size_of_the_file(tmp_path: Path, size: int, seconds: float) -> None:
    path = movie(tmp_path)
    runner = FakeToolRunner(lambda _: tool_result(stdout=b"{}"))
    with path.open("r+b") as file:
        file.truncate(max(size, path.stat().st_size))
    await probe_source(runner=runner, path=path, source=RootPath(root="media", path="A001.mov"), ffprobe="ffprobe")
    (request,) = runner.requests
    assert request.timeout_seconds == pytest.approx(seconds, abs=1)
    assert request.stall_seconds == pytest.approx(min(seconds, 120), abs=1)


async def test_a_tag_beyond_the_limit_refuses_the_source(tmp_path: Path) -> None:
    said = b'{\n"tags": "' + b"x" * LINE_LIMIT_BYTES
    found = await probe_source(
        runner=FakeToolRunner(lambda _: tool_result(stdout=said)),
        path=movie(tmp_path),
        source=RootPath(root="media", path="A001.mov"),
        ffprobe="ffprobe",
    )
    (violation,) = found.violations
    assert violation.code is ViolationCode.LIMIT_EXCEEDED
    assert violation.message.endswith("A001.mov has a list of tags of more than 65536 bytes, which is the limit")
