"""`proxx reproduce` on generated footage: equal, altered in a known picture, altered around it, impossible."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.begun import until
from tests.e2e.specs import PRORES, proxy_spec
from tests.e2e.workplace import Outcome, Workplace, media_in
from tests.footage.kind import ClipKind

KINDS = (ClipKind.PRORES_HQ_2997_DROP, ClipKind.H264_5994_DROP)
ALTERED_FRAME = 17
LABEL_OF_ALTERED_FRAME = "01:01:00;04"
"""01:00:59;15 and 17 frames: 15 to the end of the minute, then 01:01:00;02 is the first label of the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A finished run: its sources, its outputs, its result."""

    sources: tuple[Path, ...]
    output: Path
    result: Mapping[str, Any]

    @property
    def proxies(self) -> tuple[Path, ...]:
        return tuple(Path(clip["resolved_output_path"]) for clip in self.result["clips"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, footage: Mapping[ClipKind, Path]) -> Made:
    """Two ProRes proxies of copies of the footage. Tests leave them as they are."""
    place = Workplace(tmp_path_factory.mktemp("made"))
    sources = tuple(shutil.copy2(footage[kind], place.root) for kind in KINDS)
    output = place.directory("out")
    done = place.proxx("run", place.spec(proxy_spec(sources=sources, output=output, **PRORES)))
    assert done.code == 0, done.stderr
    return Made(sources=tuple(map(Path, sources)), output=output, result=done.json())


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory of the test's own; nothing may be left in it."""
    path = tmp_path / "scratch"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    yield path
    assert list(path.iterdir()) == []


def reproduce(workplace: Workplace, result: Mapping[str, Any], *words: str | Path) -> Outcome:
    path = workplace.root / "result.json"
    path.write_text(json.dumps(result), encoding="utf-8")
    return workplace.proxx("reproduce", path, "--json", *words)


def edited(result: Mapping[str, Any], index: int, **changes: object) -> dict[str, Any]:
    """The result with other values in one clip."""
    document: dict[str, Any] = json.loads(json.dumps(result))
    document["clips"][index].update(changes)
    return document


def with_changed_byte(path: Path, place: int, copy: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    copy.write_bytes(data)
    return copy


def middle_of_packet(path: Path, number: int) -> int:
    """Where the middle of a picture's packet lies in the file."""
    argv = ("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pos,size", "-of", "csv=p=0")
    listed = subprocess.run([*argv, str(path)], capture_output=True, text=True, check=True).stdout.split()
    size, position = map(int, listed[number].split(",")[:2])
    return position + size // 2


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_clip_comes_out_equal_and_nothing_else_is_touched(
    workplace: Workplace, made: Made, scratch: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (*made.output.iterdir(), *made.sources)}

    done = reproduce(workplace, made.result)

    found = done.json()
    assert (done.code, found["outcome"], found["counts"]) == (0, "EQUAL", {"equal": 2, "different": 0, "impossible": 0})
    assert found["clips"][0] == {
        "clip_index": 0,
        "source_path": str(made.sources[0]),
        "resolved_output_path": str(made.proxies[0]),
        "outcome": "EQUAL",
        "reason": "the same bytes as recorded",
        "recorded_sha256": made.result["clips"][0]["output_sha256"],
        "remade_sha256": made.result["clips"][0]["output_sha256"],
        "published": {"state": "AS_RECORDED", "sha256": made.result["clips"][0]["output_sha256"]},
        "differences": [],
        "first_difference": None,
        "kept_path": None,
    }
    assert {path: path.stat().st_mtime_ns for path in (*made.output.iterdir(), *made.sources)} == before
    assert workplace.kept_runs() == []
    assert "clip 0 A001C001_251120_R1AB.mov: making it again" in done.stderr


def test_the_fingerprint_with_every_library_stands_in_each_clip(made: Made) -> None:
    fingerprints = [clip["toolchain"] for clip in made.result["clips"]]

    assert fingerprints[0] == fingerprints[1]
    program = Path(shutil.which("ffmpeg") or "").resolve()
    assert fingerprints[0]["libraries"]["ffmpeg"] == f"{program.name} sha256:{sha256(program)}"
    assert len(fingerprints[0]["fingerprint"]) == 64


def test_an_altered_picture_is_found_with_its_label(workplace: Workplace, made: Made, scratch: Path) -> None:
    place = middle_of_packet(made.proxies[0], ALTERED_FRAME)
    altered = with_changed_byte(made.proxies[0], place, workplace.root / "altered.mov")
    result = edited(made.result, 0, resolved_output_path=str(altered), output_sha256=sha256(altered))

    done = reproduce(workplace, result, "--clip", "0")

    (clip,) = done.json()["clips"]
    assert (done.code, clip["outcome"], clip["published"]["state"]) == (2, "DIFFERENT", "AS_RECORDED")
    assert clip["first_difference"] == {
        "level": "FRAME",
        "stream": "video (stream 0)",
        "index": ALTERED_FRAME,
        "pts": ALTERED_FRAME * 1001,
        "seconds": "17017/30000",
        "timecode": LABEL_OF_ALTERED_FRAME,
        "detail": "first differing frame 17 of video (stream 0), pts 17017, 0.567233 s, timecode 01:01:00;04",
    }
    assert clip["reason"] == (
        f"other bytes than the published file, which is the recorded one: {clip['first_difference']['detail']}"
    )


def test_a_proxy_altered_after_publication_is_different_although_the_remade_one_is_right(
    workplace: Workplace, made: Made, scratch: Path
) -> None:
    """Clip 0 is altered in a picture; in clip 1 only the creation time of the container is."""
    picture = with_changed_byte(
        made.proxies[0], middle_of_packet(made.proxies[0], ALTERED_FRAME), workplace.root / "picture.mov"
    )
    creation_time = made.proxies[1].read_bytes().index(b"mvhd") + 8
    around = with_changed_byte(made.proxies[1], creation_time, workplace.root / "around.mov")
    result = edited(made.result, 0, resolved_output_path=str(picture))
    result = edited(result, 1, resolved_output_path=str(around))

    done = reproduce(workplace, result)

    clips = done.json()["clips"]
    assert (done.code, [clip["published"]["state"] for clip in clips]) == (2, ["ALTERED", "ALTERED"])
    assert [(clip["first_difference"]["level"], clip["first_difference"]["index"]) for clip in clips] == [
        ("FRAME", ALTERED_FRAME),
        ("CONTAINER", None),
    ]
    altered = "the remade file is the recorded one; the published file was altered since"
    assert clips[1]["reason"] == f"{altered}: container bytes only: every packet of every stream is equal"


def test_a_digest_that_was_tampered_with_is_told_from_a_file_that_was(
    workplace: Workplace, made: Made, scratch: Path
) -> None:
    tools = {**made.result["clips"][1]["toolchain"]}
    tools["libraries"] = {**tools["libraries"], "libx264": "libx264.so.163 sha256:00"}
    result = edited(made.result, 1, output_sha256="0" * 64, toolchain=tools, plan_digest="1" * 64)

    done = reproduce(workplace, result, "--clip", "1")

    (clip,) = done.json()["clips"]
    assert (done.code, clip["outcome"], clip["published"]["state"], clip["first_difference"]) == (
        2,
        "DIFFERENT",
        "ALTERED",
        None,
    )
    assert clip["reason"] == "the remade file is the published one; the digest in the result is of another file"
    assert [(item["what"], item["recorded"]) for item in clip["differences"]] == [
        ("libx264", "libx264.so.163 sha256:00"),
        ("plan digest (with the same command)", "1" * 64),
    ]
    assert "clip 1: libx264: recorded libx264.so.163 sha256:00, here " in done.stderr


def test_what_cannot_be_made_again_says_why_and_the_rest_is_made(
    workplace: Workplace, made: Made, scratch: Path
) -> None:
    changed = Path(shutil.copy2(made.sources[0], workplace.root / "changed.mov"))
    with changed.open("ab") as file:
        file.write(b"more")
    result = edited(made.result, 0, source_path=str(changed))
    clips = [json.loads(json.dumps(result["clips"][0])) for _ in range(4)]
    clips[1]["source_path"] = str(workplace.root / "gone.mov")
    clips[2]["engine"] = "resolve"
    clips[3] = {**clips[3], "status": "FAILED", "output_sha256": None}
    for index, clip in enumerate(clips, start=2):
        clip["clip_index"] = index
    result["clips"] = [*made.result["clips"][1:], *clips]
    asked = [word for index in (1, 2, 3, 4, 5) for word in ("--clip", str(index))]

    done = reproduce(workplace, result, *asked)

    found = done.json()
    assert (done.code, found["counts"]) == (1, {"equal": 1, "different": 0, "impossible": 4})
    size = made.sources[0].stat().st_size
    assert [clip["reason"] for clip in found["clips"]] == [
        "the same bytes as recorded",
        f"source changed: it had {size} bytes and has {size + 4}",
        "source absent: it does not exist here",
        "made by resolve: only what FFmpeg made is promised byte for byte, RAW is not",
        "it is FAILED in the result: nothing was published to compare with",
    ]


def test_a_profile_that_is_gone_makes_it_impossible(workplace: Workplace, made: Made, scratch: Path) -> None:
    result = edited(made.result, 0)
    result["jobspec"]["proxy_profile"] = "house_proxy"

    done = reproduce(workplace, result, "--clip", "0")

    (clip,) = done.json()["clips"]
    assert (done.code, clip["outcome"]) == (1, "IMPOSSIBLE")
    assert "house_proxy" in clip["reason"]


def test_remade_files_are_kept_where_it_was_asked_for(workplace: Workplace, made: Made, scratch: Path) -> None:
    kept = workplace.root / "kept"

    first = reproduce(workplace, made.result, "--clip", "1", "--keep", kept)
    second = reproduce(workplace, made.result, "--clip", "1", "--keep", kept)

    (clip,) = first.json()["clips"]
    assert Path(clip["kept_path"]) == kept / "clip_00001" / made.proxies[1].name
    assert sha256(kept / "clip_00001" / made.proxies[1].name) == clip["recorded_sha256"]
    assert (first.code, second.code, second.stdout) == (0, 64, "")
    assert "the directory is not empty" in second.stderr


def test_a_result_fetched_from_a_server_is_made_again_in_the_same_way(
    workplace: Workplace, made: Made, scratch: Path
) -> None:
    """The server spells its storage under a root of its own name; bytes do not depend on it."""
    output = workplace.directory("out")
    spec = workplace.spec(proxy_spec(sources=made.sources[1:], output=output, **PRORES))
    stack = workplace.begin("up", "--data", workplace.root / "data", "--listen", "127.0.0.1:0", "--json")
    try:
        server = stack.first_line()["address"]
        submitted = workplace.proxx("submit", spec, "--server", server, "--wait", "--no-progress")
        assert submitted.code == 0, submitted.stderr
        key = submitted.json()["job_key"]
        fetched = workplace.proxx("jobs", "result", key, "--server", server, "--json")
    finally:
        stack.end(with_signal=signal.SIGTERM)

    done = reproduce(workplace, fetched.json())

    (clip,) = done.json()["clips"]
    assert (done.code, clip["outcome"], clip["recorded_sha256"]) == (
        0,
        "EQUAL",
        made.result["clips"][1]["output_sha256"],
    )
    assert media_in(output) == [made.proxies[1].name]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (None, 4, "No such file or directory"),
        ("no json", 1, "it is not JSON"),
        ('{"schema_version": "2.0"}', 1, 'schema_version: expected "1.x", got the string "2.0"'),
    ],
    ids=["no such file", "not JSON", "another version"],
)
def test_what_is_no_result_is_refused(workplace: Workplace, text: str | None, code: int, said: str) -> None:
    path = workplace.root / "result.json"
    if text is not None:
        path.write_text(text)

    done = workplace.proxx("reproduce", path)

    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr


def test_ctrl_c_leaves_nothing_behind(
    workplace: Workplace, long_clip: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = workplace.directory("out")
    spec = workplace.spec(proxy_spec(sources=[long_clip], output=output, resolution="same", **PRORES))
    (workplace.root / "result.json").write_text(workplace.proxx("run", spec).stdout)
    begun = workplace.begin("reproduce", workplace.root / "result.json")
    try:
        until(
            lambda: any(file.stat().st_size > 0 for file in scratch.glob("proxx-reproduce-*/clip_00000/.proxx/*.mov")),
            seconds=30,
            what="the encode to begin",
        )
        code = begun.end(with_signal=signal.SIGINT)
    finally:
        begun.kill()

    assert code == 130, begun.said()
    assert workplace.kept_runs() == []
    assert os.listdir(scratch) == []  # noqa: PTH208  also what iterdir() would not show
