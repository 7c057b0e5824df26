"""Clips of several files on disk: named by folder or first file, whole or refused with the fact, bounded in identity.

SYNTHETIC: no camera wrote these headers.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.facts import PartIdentity, SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.steps import ProbedSource
from proxx.core.units import MOST_PARTS, media_files
from proxx.core.violation import ViolationCode
from proxx.engine import clip_folder
from proxx.engine.probe import clip_source, probe_source
from proxx.engine.probe.clip_source import chosen_frames
from proxx.engine.probe.source_file import FileByteSource, unreadable
from proxx.engine.source_identity import listed_identity, read_source_identity, source_difference
from proxx.engine.tool import ToolResult
from tests.fakes.tool_runner import FakeToolRunner, tool_result
from tests.unit.core.sources import headers
from tests.unit.core.sources import media_bytes as made

ARRI = b"ARRI\x12\x34\x56\x78" + bytes(504)
CLIP = "A001_C001_0502A6"


async def probed(path: Path, *, answer: ToolResult | None = None) -> ProbedSource:
    runner = FakeToolRunner(lambda _: answer or tool_result(exit_code=1, stderr="Invalid data"))
    source = RootPath(root="media", path=f"card/{path.name}")
    return await probe_source(runner=runner, path=path, source=source, ffprobe="ffprobe", clip_index=3)


def write(directory: Path, files: dict[str, bytes]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data)
    return directory


def rdc(tmp_path: Path, *numbers: int, data: bytes | None = None) -> Path:
    part = data or headers.red(2)
    return write(tmp_path / f"{CLIP}.RDC", {f"{CLIP}_{number:03d}.R3D": part + bytes([number]) for number in numbers})


def take(tmp_path: Path, count: int = 3, data: bytes | None = None) -> Path:
    frame = data or headers.dng()
    return write(tmp_path / "take1", {f"A_{number:04d}.dng": frame for number in range(1, count + 1)})


def refusals(found: ProbedSource) -> list[tuple[ViolationCode, str]]:
    assert (found.facts, found.clip_index) == (None, 3)
    return [(violation.code, violation.message) for violation in found.violations]


async def test_an_r3d_clip_is_named_by_its_folder_or_by_its_first_part(tmp_path: Path) -> None:
    folder = rdc(tmp_path, 1, 2)
    (folder / f"{CLIP}.RMD").write_bytes(b"<xml/>")
    (folder / "proxy.mov").write_bytes(b"beside")
    by_folder, by_part = await probed(folder), await probed(folder / f"{CLIP}_001.R3D")
    for found in (by_folder, by_part):
        assert found.violations == ()
        assert found.detection is not None
        assert (found.detection.engine, found.detection.codec) == (Engine.RESOLVE, "redcode")
    assert by_folder.identity is not None
    assert by_part.identity is not None
    names = [f"{CLIP}_001.R3D", f"{CLIP}_002.R3D", f"{CLIP}.RMD"]
    states = [(folder / name).stat() for name in names]
    parts = by_folder.identity.parts
    assert [(part.path, part.size_bytes, part.inode, part.sidecar) for part in parts] == [
        (f"card/{folder.name}/{name}", state.st_size, state.st_ino, name.endswith("RMD"))
        for name, state in zip(names, states, strict=True)
    ]
    assert by_folder.identity.path == f"card/{folder.name}"
    assert by_folder.identity.size_bytes == sum(state.st_size for state in states)
    assert by_folder.identity.mtime_ns == max(state.st_mtime_ns for state in states)
    assert by_folder.identity.inode == states[0].st_ino
    assert [part.edge_sha256 for part in by_part.identity.parts] == [part.edge_sha256 for part in parts]


async def test_a_first_part_that_is_the_whole_clip_is_a_file_like_any_other(tmp_path: Path) -> None:
    folder = rdc(tmp_path, 1)
    found = await probed(folder / f"{CLIP}_001.R3D")
    assert found.identity is not None
    assert (found.identity.parts, found.violations) == ((), ())
    by_folder = await probed(folder)
    assert by_folder.identity is not None
    assert [part.path for part in by_folder.identity.parts] == [f"card/{folder.name}/{CLIP}_001.R3D"]


@pytest.mark.parametrize(
    ("data", "name", "codec", "container"),
    [
        pytest.param(headers.dng(), "A_{:04d}.dng", "cinemadng", "dng", id="CinemaDNG"),
        pytest.param(ARRI, "A.{:07d}.ari", "arriraw", "ari", id="ARRIRAW"),
    ],
)
async def test_frames_are_one_clip_of_a_bounded_identity(
    tmp_path: Path, data: bytes, name: str, codec: str, container: str
) -> None:
    files = [name.format(number) for number in range(100, 400)]
    folder = write(tmp_path / "take1", dict.fromkeys(files, data))
    for source in (folder, folder / files[0]):
        found = await probed(source)
        assert found.detection is not None
        assert found.identity is not None
        assert (found.detection.codec, found.detection.container, found.violations) == (codec, container, ())
        assert "in 300 frames" in found.detection.detail
        assert len(found.identity.parts) <= MOST_PARTS
        assert [path.rpartition("/")[2] for path in media_files(identity=found.identity)] == files


def _gap(folder: Path) -> None:
    (folder / "A_0002.dng").unlink()


def _twin(folder: Path) -> None:
    (folder / "a_0002.DNG").write_bytes(headers.dng())


def _empty(folder: Path) -> None:
    (folder / "A_0002.dng").write_bytes(b"")


def _link(folder: Path) -> None:
    (folder / "A_0002.dng").rename(folder.parent / "elsewhere.dng")
    (folder / "A_0002.dng").symlink_to(folder.parent / "elsewhere.dng")


def _directory(folder: Path) -> None:
    (folder / "A_0002.dng").unlink()
    (folder / "A_0002.dng").mkdir()


def _two_sounds(folder: Path) -> None:
    for name in ("A.wav", "A.WAV"):
        (folder / name).write_bytes(b"RIFF")


def _another_clip(folder: Path) -> None:
    (folder / "B_0001.ari").write_bytes(ARRI)


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        pytest.param(_gap, ViolationCode.SOURCE_UNIT, 'frame 0002 is missing before "A_0003.dng"', id="a gap"),
        pytest.param(
            _twin, ViolationCode.SOURCE_UNIT, '"A_0002.dng" and "a_0002.DNG" are both frame 2', id="a twin by case"
        ),
        pytest.param(_empty, ViolationCode.SOURCE_EMPTY, '"A_0002.dng" is empty (0 bytes)', id="an empty frame"),
        pytest.param(_link, ViolationCode.SOURCE_UNIT, '"A_0002.dng" is a symbolic link', id="a link"),
        pytest.param(_directory, ViolationCode.SOURCE_UNIT, '"A_0002.dng" is a directory', id="a directory"),
        pytest.param(_two_sounds, ViolationCode.SOURCE_UNIT, "it has 2 sound files (.wav)", id="two sound files"),
    ],
)
async def test_a_clip_that_is_not_whole_is_refused_with_the_fact(
    tmp_path: Path, harm: Callable[[Path], None], code: ViolationCode, said: str
) -> None:
    folder = take(tmp_path)
    harm(folder)
    for source in (folder, folder / "A_0001.dng"):
        ((found, message),) = refusals(await probed(source))
        assert (found, said in message) == (code, True), message
        assert message.startswith(f"{source} is a clip ")


async def test_a_folder_of_several_clips_is_refused_with_their_names(tmp_path: Path) -> None:
    folder = take(tmp_path)
    _another_clip(folder)
    message = f'{folder} is a folder that holds 2 clips: "A_0001.dng", "B_0001.ari"; name each as a source of its own'
    assert refusals(await probed(folder)) == [(ViolationCode.SOURCE_UNIT, message)]
    assert (await probed(folder / "A_0001.dng")).violations == ()


async def test_a_reel_of_clip_folders_is_refused_with_their_names(tmp_path: Path) -> None:
    rdc(tmp_path / "A001.RDM", 1)
    ((code, message),) = refusals(await probed(tmp_path / "A001.RDM"))
    assert (code, f'holds 1 clip: "{CLIP}.RDC"' in message) == (ViolationCode.SOURCE_UNIT, True)


async def test_a_later_file_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    path = rdc(tmp_path, 1, 2) / f"{CLIP}_002.R3D"
    message = f'{path} is a later file of its clip; name its first, "{CLIP}_001.R3D", or its folder instead'
    assert refusals(await probed(path)) == [(ViolationCode.SOURCE_UNIT, message)]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"a.mov": b"x", "notes.txt": b"x"}, "", id="ordinary files"),
        pytest.param(
            {"GH010043.MP4": b"x", "GH020043.MP4": b"x"},
            '; it holds "GH010043.MP4", gopro: a take of 2 chapters, and no file of it is the whole take; submit each'
            " chapter as a source of its own, or join them first",
            id="GoPro chapters",
        ),
        pytest.param(
            {"CONTENTS/VIDEO/0001AB.MXF": b"x", "CONTENTS/AUDIO/0001AB00.MXF": b"x"},
            '; it holds "0001AB00.MXF", p2: a P2 clip of 2 files with picture and sound apart, and no file of it is the'
            " whole clip; wrap it into one MXF or MOV file first",
            id="a P2 card",
        ),
    ],
)
async def test_a_directory_that_is_no_clip_is_no_source(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in files.items():
        write((folder / name).parent, {Path(name).name: data})
    assert refusals(await probed(folder)) == [
        (ViolationCode.SOURCE_NOT_A_FILE, f"{folder} is a directory, not a file{said}")
    ]


async def test_the_picture_of_a_p2_clip_is_a_source_only_where_it_has_no_sound_beside_it(tmp_path: Path) -> None:
    card = tmp_path / "CONTENTS"
    path = write(card / "VIDEO", {"0001AB.MXF": b"x" * 99}) / "0001AB.MXF"
    assert [code for code, _ in refusals(await probed(path))] == [ViolationCode.SOURCE_UNSUPPORTED]
    write(card / "AUDIO", {"0001AB00.MXF": b"x"})
    ((code, message),) = refusals(await probed(path))
    assert (code, "wrap it into one MXF or MOV file first" in message) == (ViolationCode.SOURCE_UNIT, True)


async def test_frames_of_two_pictures_are_a_contradiction(tmp_path: Path) -> None:
    folder = take(tmp_path)
    (folder / "A_0003.dng").write_bytes(headers.dng(width=1280))
    found = await probed(folder)
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.CONTRADICTION)
    assert "A_0003.dng is 1280x1080" in found.violations[0].message


@pytest.mark.parametrize(
    ("offsets", "lengths"), [pytest.param(273, 279, id="strips"), pytest.param(324, 325, id="tiles")]
)
async def test_a_dng_frame_that_was_copied_in_part_is_truncated(tmp_path: Path, offsets: int, lengths: int) -> None:
    picture = {256: (4, 32), 257: (4, 18), 259: (3, 1), 262: (3, 32803), 50706: (4, 0x401)}
    frame = headers.tiff({**picture, offsets: (4, 512), lengths: (4, 1152)})
    whole = frame + bytes(512 + 1152 - len(frame))
    folder = write(tmp_path / "take1", {f"A_{number}.dng": whole for number in (1, 2, 3)})
    assert (await probed(folder)).violations == ()
    (folder / "A_2.dng").write_bytes(whole[:-1])
    found = await probed(folder)
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.TRUNCATED)
    said = "A_2.dng declares data up to byte 1664 and ends at 1663"
    assert found.detection.detail == f"A_1.dng to A_3.dng: container dng, codec cinemadng: {said}."


async def test_arriraw_frames_of_two_sizes_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "shot", {"A.0001.ari": ARRI, "A.0002.ari": ARRI + b"x"})
    ((code, message),) = refusals(await probed(folder))
    assert (code, '"A.0002.ari" has 513 bytes among frames of 512' in message) == (ViolationCode.SOURCE_UNIT, True)


async def test_an_r3d_part_of_other_bytes_is_a_contradiction(tmp_path: Path) -> None:
    folder = rdc(tmp_path, 1, 2)
    (folder / f"{CLIP}_002.R3D").write_bytes(headers.red(1))
    found = await probed(folder)
    assert found.detection is not None
    assert found.detection.reason is DetectionReason.CONTRADICTION
    assert f"{CLIP}_002.R3D is REDCODE version 1 among parts of version 2" in found.violations[0].message


async def test_a_braw_clip_has_its_sidecar_and_second_half_in_its_identity(tmp_path: Path) -> None:
    braw = made.iso_file(b"brvl", brand=b"qt  ")
    folder = write(tmp_path / "card", {"A.braw": braw, "A.braw2": b"rest", "A.sidecar": b"{}", "B.braw2": b"rest"})
    found = await probed(folder / "A.braw")
    assert found.identity is not None
    assert found.violations == ()
    assert [(part.path.rpartition("/")[2], part.sidecar) for part in found.identity.parts] == [
        ("A.braw", False),
        ("A.braw2", False),
        ("A.sidecar", True),
    ]
    ((_, message),) = refusals(await probed(folder / "B.braw2"))
    assert 'its first half is missing: "B.braw2" is the second half of a .braw file' in message


async def test_frames_that_are_numbers_alone_have_the_sound_that_is_called_like_their_folder(tmp_path: Path) -> None:
    frames = {f"{number:04d}.dng": headers.dng() for number in (1, 2)}
    folder = write(tmp_path / "take1", {**frames, "take1.wav": b"RIFF", "other.wav": b"RIFF"})
    for source in (folder, folder / "0001.dng"):
        found = await probed(source)
        assert found.identity is not None
        named = [part.path.rpartition("/")[2] for part in found.identity.parts]
        assert named == ["0001.dng", "0002.dng", "take1.wav"]


async def test_frames_whose_names_are_no_text_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "take1", {os.fsdecode(b"A\xff_%d.dng" % number): headers.dng() for number in (1, 2)})
    message = f'{folder} is a clip of which "A\\udcff_1.dng" is no name in UTF-8; rename its files'
    assert refusals(await probed(folder)) == [(ViolationCode.SOURCE_UNIT, message)]


@pytest.mark.parametrize(
    ("data", "extension", "said"),
    [
        pytest.param(headers.dng(), "ari", "of a DNG picture and the name says .ari", id="DNG called .ari"),
        pytest.param(ARRI, "dng", "of an ARRIRAW frame and the name says .dng", id="ARRIRAW called .dng"),
        pytest.param(ARRI, "arx", "of an ARRIRAW frame and the name says .arx", id="ARRIRAW called .arx"),
    ],
)
async def test_frames_under_a_foreign_extension_are_a_contradiction(
    tmp_path: Path, data: bytes, extension: str, said: str
) -> None:
    folder = write(tmp_path / "take1", {f"A_{number}.{extension}": data for number in (1, 2)})
    found = await probed(folder)
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.CONTRADICTION)
    assert said in found.violations[0].message


async def test_a_linked_first_part_is_refused_because_the_others_would_lie_elsewhere(tmp_path: Path) -> None:
    link = tmp_path / f"{CLIP}_001.R3D"
    link.symlink_to(rdc(tmp_path, 1, 2) / link.name)
    clause = f'is a clip of which "{link.name}" is a symbolic link; every file of a clip is a regular file'
    assert refusals(await probed(link)) == [(ViolationCode.SOURCE_UNIT, f"{link} {clause}")]


def test_a_file_that_became_a_link_after_it_was_listed_is_not_followed(tmp_path: Path) -> None:
    folder = rdc(tmp_path, 1, 2)
    listed = clip_folder.look_at(directory=folder, names=(f"{CLIP}_001.R3D", f"{CLIP}_002.R3D"))
    (folder / f"{CLIP}_002.R3D").rename(tmp_path / "elsewhere")
    (folder / f"{CLIP}_002.R3D").symlink_to(tmp_path / "elsewhere")
    source = RootPath(root="media", path="card")
    with pytest.raises(OSError, match="a symbolic link, not a regular file"):
        listed_identity(media=listed, sidecars=(), source=source, base=source)
    with pytest.raises(OSError, match="a symbolic link, not a regular file"):
        FileByteSource(listed[1].path, follow_links=False)


def test_a_part_that_goes_while_it_is_looked_at_is_named(tmp_path: Path) -> None:
    gone = FileNotFoundError(errno.ENOENT, "No such file or directory", str(tmp_path / "A_0002.dng"))
    (violation,) = unreadable(clip_index=0, path=tmp_path, error=gone).violations
    assert violation.message == f"{tmp_path} cannot be read: A_0002.dng: No such file or directory"
    assert violation.code is ViolationCode.SOURCE_UNREADABLE


async def test_a_change_of_a_part_is_named(tmp_path: Path) -> None:
    folder = rdc(tmp_path, 1, 2)
    source = RootPath(root="media", path="card")
    before = read_source_identity(path=folder, source=source)
    assert source_difference(expected=before, actual=read_source_identity(path=folder, source=source)) is None
    second = folder / f"{CLIP}_002.R3D"
    state = second.stat()
    second.write_bytes(b"!" * state.st_size)
    os.utime(second, ns=(state.st_atime_ns, state.st_mtime_ns))
    changed = source_difference(expected=before, actual=read_source_identity(path=folder, source=source))
    assert changed is not None
    assert changed.startswith(f"of its part {CLIP}_002.R3D: digest of the first and last MiB was")
    second.unlink()
    gone = source_difference(expected=before, actual=read_source_identity(path=folder, source=source))
    assert gone == f"its part {CLIP}_002.R3D is gone"
    new = source_difference(expected=read_source_identity(path=folder, source=source), actual=before)
    assert new == f"its part {CLIP}_002.R3D was not there"


async def test_a_change_of_a_frame_names_the_run_that_it_is_in(tmp_path: Path) -> None:
    folder = take(tmp_path, MOST_PARTS + 2)
    source = RootPath(root="media", path="card")
    before = read_source_identity(path=folder, source=source)
    frame = folder / "A_0006.dng"
    os.utime(frame, ns=(1, 1))
    changed = source_difference(expected=before, actual=read_source_identity(path=folder, source=source))
    said = "a name, size, time or inode of them is another, or the ends of the first"
    assert changed == f"of the 2 files from A_0005.dng on: {said}"
    frame.unlink()
    gone = source_difference(expected=before, actual=read_source_identity(path=folder, source=source))
    assert gone == "it had 66 frames, and has 65"
    (folder / "A_0001.dng").rename(folder / "A_0067.dng")
    frame.write_bytes(headers.dng())
    moved = source_difference(expected=before, actual=read_source_identity(path=folder, source=source))
    assert moved == "its 66 frames are other files, or are numbered otherwise"


def test_two_hosts_that_spell_one_name_in_two_unicode_forms_see_one_clip() -> None:
    def clip(name: str) -> SourceIdentity:
        part = PartIdentity(path=f"r/{name}_001.R3D", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="a")
        return SourceIdentity(path="r", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="b", parts=(part,))

    assert source_difference(expected=clip("\u00e9"), actual=clip("e\u0301")) is None
    assert source_difference(expected=clip("\u00e9"), actual=clip("e")) == "its part \u00e9_001.R3D is gone"


async def test_a_clip_that_grows_while_it_is_probed_is_refused(tmp_path: Path) -> None:
    folder = rdc(tmp_path, 1, 2)

    def answer(_: object) -> ToolResult:
        (folder / f"{CLIP}_003.R3D").write_bytes(headers.red(2))
        return tool_result(exit_code=1)

    source = RootPath(root="media", path="card")
    found = await probe_source(runner=FakeToolRunner(answer), path=folder, source=source, ffprobe="ffprobe")
    assert [violation.code for violation in found.violations] == [ViolationCode.PROBE_FAILED]
    assert found.violations[0].message.endswith(f"changed while it was probed: its part {CLIP}_003.R3D was not there")


async def test_a_folder_without_end_is_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = take(tmp_path, 5)
    monkeypatch.setattr(clip_folder, "MOST_ENTRIES", 4)
    for source in (folder, folder / "A_0001.dng"):
        ((code, message),) = refusals(await probed(source))
        assert (code, "has more than 4 entries" in message) == (ViolationCode.SOURCE_UNREADABLE, True)


def test_of_very_many_frames_an_even_choice_and_one_of_each_size_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_source, "MOST_HEADS", 5)
    assert chosen_frames(sizes=(7,) * 5) == (0, 1, 2, 3, 4)
    assert chosen_frames(sizes=(7,) * 101) == (0, 25, 50, 75, 100)
    assert chosen_frames(sizes=(*(7,) * 40, 8, *(7,) * 60)) == (0, 25, 40, 50, 75, 100)
