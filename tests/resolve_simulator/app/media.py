"""What a path on disk is to the simulator: a clip with facts, or nothing."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from tests.resolve_simulator.source_facts import SourceFacts, sidecar_facts

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

# Camera files that no decoder here reads: their facts are the test's, or the defaults.
RAW = frozenset({".r3d", ".braw", ".ari", ".arx", ".dng", ".crm", ".nev", ".rmf", ".mlv"})
PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One clip on disk. `file` is the first of its files, `shown` the path as Resolve writes it."""

    file: Path
    shown: str
    facts: SourceFacts


def find(world: World, path: Path) -> Found | None:
    """Return the clip that a path names, or None: absent, or not readable."""
    if not path.is_file() or not _readable(world, path):
        return None
    facts = sidecar_facts(path)
    if facts is None and path.suffix.lower() in RAW:
        facts = SourceFacts()
    facts = facts or probe(path)
    return Found(file=path, shown=str(path), facts=facts) if facts else None


def find_sequence(world: World, pattern: str, start: int, end: int) -> list[Found]:
    """Return the clip of numbered frames, such as "x_%03d.dng" from 1 to 24; one for each where they stay apart."""
    number = re.search(r"%\d*d", pattern)
    if number is None:
        return []
    head, tail = pattern[: number.start()], pattern[number.end() :]
    files = [Path(f"{head}{number.group() % index}{tail}") for index in range(start, end + 1)]
    if not files or not all(each.is_file() and _readable(world, each) for each in files):
        return []
    facts = sidecar_facts(files[0]) or SourceFacts(format="DNG", codec="CinemaDNG", audio=())
    if world.quirks.individual_frames:
        return [Found(file=each, shown=str(each), facts=replace(facts, frames=1)) for each in files]
    first, last = (re.search(r"(\d+)$", each.stem) for each in (files[0], files[-1]))
    if first is None or last is None:
        return []
    stem = files[0].stem[: first.start()]
    shown = files[0].with_name(f"{stem}[{first.group()}-{last.group()}]{files[0].suffix}")
    return [Found(file=files[0], shown=str(shown), facts=replace(facts, frames=len(files)))]


def _readable(world: World, path: Path) -> bool:
    return not any(str(path).endswith(each) for each in world.quirks.unreadable)


def probe(path: Path) -> SourceFacts | None:
    """Return what ffprobe says of a stand-in file, or None where it is no media with pictures."""
    argv = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-count_packets", "-of", "json", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    if done.returncode != 0:
        return None
    raw = json.loads(done.stdout)
    streams = raw.get("streams", [])
    video = next((each for each in streams if each["codec_type"] == "video"), None)
    if video is None:
        return None
    audio = [each for each in streams if each["codec_type"] == "audio"]
    tags = [each.get("tags", {}) for each in (*streams, raw["format"])]
    timecode = next((each["timecode"] for each in tags if "timecode" in each), "00:00:00:00")
    return SourceFacts(
        rate=str(Fraction(video["r_frame_rate"])),
        frames=int(video["nb_read_packets"]),
        width=int(video["width"]),
        height=int(video["height"]),
        timecode=timecode,
        drop=";" in timecode,
        audio=tuple(int(each["channels"]) for each in audio),
        audio_rate=int(audio[0]["sample_rate"]) if audio else 48000,
        audio_codec="AAC" if audio and audio[0]["codec_name"] == "aac" else "Linear PCM",
        reel=next((each["reel_name"] for each in tags if "reel_name" in each), ""),
        format="MXF OP1A" if "mxf" in raw["format"]["format_name"] else "QuickTime",
        codec=str(video["codec_name"]),
    )
