"""Real files of other people through a real `proxx run`: sound ones become proxies, all others are refused."""

import csv
import os
import shutil
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import PROXX, Outcome, Workplace, media_in

MEDIA = Path(os.environ.get("PROXX_TEST_MEDIA", Path(__file__).parents[2].parent / "shared" / "media"))
MANIFEST = MEDIA / "MANIFEST.csv"
MISSING = [name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None]

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(not MANIFEST.is_file(), reason=f"no test media: {MANIFEST} does not exist"),
    pytest.mark.skipif(bool(MISSING) or not PROXX.exists(), reason=f"not installed: {MISSING or PROXX}"),
]

LEAST_FILES = 30
MOST_FILES = 45
CONTAINERS = {"mov", "mp4", "mkv", "webm", "mxf", "ts"}

REFUSED_ALTHOUGH_IT_DECODES = {
    "mp4/sample_with_fake_auxiliary_tracks.mp4": "SOURCE_UNSUPPORTED",  # five pictures at one and the same time
    "mp4/sample_missing_stsd.mp4": "SOURCE_CANNOT_FIT_PROFILE",  # an audio track without any description
}
"""Files whose first pictures decode and that still cannot have a proxy that stands in for them, with the code."""

CANNOT_BE_DECODED = {
    "avi/Pentax.avi": "SOURCE_TRUNCATED",
    "avi/RIFF.avi": "SOURCE_TRUNCATED",
    "mp4/cbcs.mp4": "SOURCE_UNSUPPORTED",
    "mp4/init.mp4": "SOURCE_TRUNCATED",
    "mp4/invalid_userdata.mp4": "SOURCE_TRUNCATED",
    "mp4/short-cenc.mp4": "SOURCE_UNSUPPORTED",
    "mp4/video_dovi_3840x2160_30fps_dav1_10.mp4": "PROBE_FAILED",
    "mp4/zero_empty_stsc.mp4": "SOURCE_TRUNCATED",
    "webm/invalid-bitstream.webm": "SOURCE_CANNOT_FIT_PROFILE",
}
"""Rows that the matrix takes and that are headers only, encrypted or damaged, with the code that refuses them."""

SHOWN_BY_THE_ENCODE = {
    "mp4/no_timescale.mp4": "source_decode_errors",  # pictures that do not decode
}
"""Files whose headers are sound and whose rest is not, with a check that then fails."""


def _rows() -> list[dict[str, str]]:
    if not MANIFEST.is_file():
        return []
    with MANIFEST.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _cost(row: Mapping[str, str]) -> float:
    """Pixels to decode, roughly: from the frame count, or from the duration and the rate."""
    width, _, height = row["resolution"].split(" + ")[0].partition("x")
    frames = row["frames"].split(" + ")[0]
    rate = Fraction(row["fps"].split(" + ")[0].replace("/0", "/1"))
    seconds = float(row["duration_s"] or 0)
    return int(width) * int(height) * (int(frames) if frames.isdigit() else float(min(rate, 60)) * seconds)


ROWS = _rows()
REJECTED = [row["file"] for row in ROWS if row["expected"] == "reject"]
SOUND = sorted(
    (row for row in ROWS if row["expected"] == "ffmpeg" and row["decode_check"] == "ok"),
    key=lambda row: (_cost(row), row["file"]),
)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def _run(workplace: Workplace, files: list[str], *, timeout: float) -> tuple[Outcome, list[str]]:
    output = workplace.directory("out")
    sources = [MEDIA / file for file in files]
    spec = proxy_spec(sources=sources, output=output, resolution="same", naming_template="{index}_{source_name}")
    done = workplace.proxx("run", workplace.spec(spec), "--failure-policy", "continue", timeout=timeout)
    return done, media_in(output)


def _codes(result: Any, files: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for violation in result["violations"]:
        assert violation["message"], violation
        index = int(violation["field"].removeprefix("sources[").removesuffix("]"))
        found.setdefault(files[index], set()).add(violation["code"])
    return found


def test_sound_files_become_proxies_with_a_passing_verdict(workplace: Workplace) -> None:
    left_out = {*REFUSED_ALTHOUGH_IT_DECODES, *SHOWN_BY_THE_ENCODE}
    chosen = [row["file"] for row in SOUND if row["file"] not in left_out][:MOST_FILES]
    assert len(chosen) >= LEAST_FILES
    assert {file.split("/")[0] for file in chosen} == CONTAINERS

    done, made = _run(workplace, chosen, timeout=110)

    clips = {
        file: (clip["status"], clip["failure_reason"], (clip["verdict"] or {}).get("passed"))
        for file, clip in zip(chosen, done.json()["clips"], strict=True)
    }
    assert clips == dict.fromkeys(chosen, ("COMPLETED", None, True))
    assert done.code == 0
    assert len(made) == len(chosen)


def test_probe_and_run_refuse_every_file_outside_the_matrix_with_its_reason(workplace: Workplace) -> None:
    probed = workplace.proxx("probe", "--json", *[MEDIA / file for file in REJECTED])
    done, made = _run(workplace, REJECTED, timeout=60)

    lines = dict(zip(REJECTED, probed.json_lines(), strict=True))
    assert probed.code == 1
    assert [file for file, line in lines.items() if line["engine"] is not None] == []
    assert [file for file, line in lines.items() if not (line["reason"] and Path(file).name in line["detail"])] == []
    assert (done.code, done.json()["final_status"], made) == (1, "REJECTED", [])
    codes = _codes(done.json(), REJECTED)
    assert set(codes) == set(REJECTED)
    assert set().union(*codes.values()) == {"SOURCE_UNSUPPORTED", "SOURCE_EMPTY", "SOURCE_TRUNCATED"}


def test_files_that_cannot_be_decoded_are_refused_before_anything_is_made(workplace: Workplace) -> None:
    expected = {**CANNOT_BE_DECODED, **REFUSED_ALTHOUGH_IT_DECODES}
    files = sorted(expected)

    done, made = _run(workplace, files, timeout=60)

    assert (done.code, made) == (1, [])
    assert _codes(done.json(), files) == {file: {code} for file, code in expected.items()}


@pytest.mark.parametrize(("file", "check"), SHOWN_BY_THE_ENCODE.items(), ids=list(SHOWN_BY_THE_ENCODE))
def test_damage_inside_a_file_fails_its_clip_and_publishes_nothing(workplace: Workplace, file: str, check: str) -> None:
    done, made = _run(workplace, [file], timeout=60)

    clip = done.json()["clips"][0]
    assert (done.code, clip["status"], clip["failure_kind"], made) == (2, "FAILED", "OUTPUT_MISMATCH", [])
    assert clip["verdict"]["passed"] is False
    assert check in {item["name"] for item in clip["verdict"]["checks"] if item["level"] == "FAIL"}
