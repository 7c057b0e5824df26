"""The short form of `make hostile-media`: a few hostile files through the real executor, watched by strace."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile_media.campaign import run_campaign
from tests.hostile_media.case import End
from tests.hostile_media.catalogue import catalogue
from tests.hostile_media.clips import make_clip
from tests.hostile_media.trace import CALLS, Allowed, read_trace
from tests.hostile_media.worker import MARK

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace exists on Linux only"),
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

SHORT = {
    "hls-absolute.mov": End.REFUSED,
    "hls-absolute": End.COMPLETED,
    "alias-absolute": End.REFUSED,
    "link-to-secret-text.mov": End.REFUSED,
    "mkv-two-pictures-100-h-at-25": End.REFUSED,
    "mkv-65": End.REFUSED,
    "name-22": End.COMPLETED,
}
"""Playlist, GAB2, reference, link, duration, tracks, and an expansion in a burnt-in name."""


def test_hostile_files_open_nothing_foreign_and_end_as_they_should(tmp_path: Path) -> None:
    chosen = [index for index, case in enumerate(catalogue()) if case.name in SHORT]
    judged, connections = run_campaign(directory=tmp_path, indexes=chosen, workers=1)
    assert {item.case.name: End(item.result["end"]) for item in judged} == SHORT
    assert [(item.case.name, item.faults) for item in judged if item.faults] == []
    assert connections == 0
    assert sum(item.seen.tools for item in judged) >= 10


def test_the_oracle_sees_what_an_unguarded_ffmpeg_opens(tmp_path: Path) -> None:
    canary = make_clip(tmp_path, "base.ts")
    playlist = tmp_path / "clip.m3u8"
    playlist.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
        f"{canary}\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        encoding="ascii",
    )
    loose = ["ffmpeg", "-nostdin", "-v", "quiet", "-protocol_whitelist", "file,http,tcp", "-i", str(playlist)]
    program = f"import subprocess\ntry: open('{MARK}/0')\nexcept OSError: pass\n"
    program += f"subprocess.run({[*loose, '-f', 'null', '-']!r})\n"
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "--seccomp-bpf", "-y", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(trace)]
    subprocess.run([*strace, sys.executable, "-c", program], check=True, timeout=60, cwd=tmp_path)
    seen = read_trace(path=trace, allowed={0: Allowed(source=playlist, directories=())})[0]
    assert seen.tools == 1
    assert seen.foreign == [str(canary)]
    assert any("AF_INET" in call for call in seen.sockets)


def test_every_case_has_a_name_of_its_own_within_its_class() -> None:
    names = [(case.group, case.name) for case in catalogue()]
    assert len(names) == len(set(names))
