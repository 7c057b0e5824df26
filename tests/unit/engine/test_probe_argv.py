"""The ffprobe command lines, as lists."""

from pathlib import Path

import pytest

from proxx.core.sources import matrix_rows
from proxx.engine.probe.argv import DECODERS, DEMUXERS, frames_argv, listing_argv, packets_argv

PATH = Path("/media/-i; rm %d\n.mov")
GUARDED = (
    *("/usr/bin/ffprobe", "-hide_banner", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", "mov"),
    *("-codec_whitelist", DECODERS, "-max_streams", "64", "-max_pixels", "134217728", "-max_alloc", "234881024"),
    *("-threads", "1"),
)
INPUT = ("-i", "file:/media/-i; rm %d\n.mov")


def test_packets_streams_and_format_come_from_one_run() -> None:
    assert listing_argv(ffprobe="/usr/bin/ffprobe", path=PATH, container="mp4") == (
        *GUARDED,
        *("-show_streams", "-show_format"),
        *("-show_entries", "packet=codec_type,stream_index,pts,dts,duration,flags", "-of", "json=compact=1"),
        *INPUT,
    )


@pytest.mark.parametrize(("edit_list", "words"), [(True, ()), (False, ("-ignore_editlist", "1"))])
def test_packets_of_one_track_come_one_a_line(edit_list: bool, words: tuple[str, ...]) -> None:
    argv = packets_argv(ffprobe="/usr/bin/ffprobe", path=PATH, container="mov", stream_index=2, edit_list=edit_list)
    listing = ("-select_streams", "2", "-show_entries", "packet=pts,dts,duration,flags", "-of", "compact=p=0")
    assert argv == (*GUARDED, *words, *listing, *INPUT)


def test_frames_come_one_a_line() -> None:
    argv = frames_argv(ffprobe="/usr/bin/ffprobe", path=PATH, container="mov", stream_index=0)
    listing = ("-select_streams", "0", "-show_entries", "frame=best_effort_timestamp", "-of", "compact=p=0")
    assert argv == (*GUARDED, *listing, *INPUT)


def test_every_container_of_the_matrix_has_one_demuxer() -> None:
    assert set(DEMUXERS) == {row.container for row in matrix_rows()}
    assert not any("," in demuxer for demuxer in DEMUXERS.values())
