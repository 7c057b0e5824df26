"""The table of bad input: how each case is set up, and which fact the answer must name."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.specs import proxy_spec
from tests.footage.kind import ClipKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a case is set up: input and output directory, footage to copy, a real RAW file if there is one."""

    inputs: Path
    output: Path
    footage: Mapping[ClipKind, Path]
    raw: Path | None

    def copy(self, name: str, *, kind: ClipKind = ClipKind.MJPEG_AVI_25) -> Path:
        """Copy a clip under a new name."""
        path = self.inputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.footage[kind], path)
        return path

    def real_raw(self, name: str) -> Path:
        """Copy the real RAW file, or skip."""
        if self.raw is None:
            pytest.skip("the folder of real media is absent (PROXX_TEST_MEDIA)")
        path = self.inputs / name
        shutil.copyfile(self.raw, path)
        return path

    def remuxed(self, name: str, *, kind: ClipKind, words: tuple[str, ...] = ()) -> Path:
        """Put a clip's streams into another container."""
        path = self.inputs / name
        argv = ["ffmpeg", "-v", "error", "-i", str(self.footage[kind]), "-map", "0:v", "-map", "0:a", "-c", "copy"]
        subprocess.run([*argv, *words, str(path)], check=True, timeout=30)
        return path

    def spec(self, *sources: Path | str, **changes: object) -> str:
        """The text of a JobSpec."""
        return json.dumps(proxy_spec(sources=sources, output=self.output, **changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """One case. `codes` are those of the violations, in order; `kind` is that of a FAILED clip.

    `prepare` returns the JobSpec's text; `around` is a context that the run happens in.
    """

    id: str
    prepare: Callable[[Ground], str]
    says: tuple[str, ...]
    exit_code: int = 1
    status: str = "REJECTED"
    codes: tuple[str, ...] = ()
    kind: str | None = None
    embedded: bool = False
    around: Callable[[Ground], AbstractContextManager[object]] = nullcontext


def _half(path: Path) -> Path:
    os.truncate(path, path.stat().st_size // 2)
    return path


def _file_as_output(ground: Ground) -> str:
    path = ground.inputs / "a_file"
    path.write_text("x")
    return ground.spec(ground.copy("A.avi"), output_directory=str(path))


def _existing(ground: Ground) -> str:
    (ground.output / "A_proxy.mp4").write_text("an edit that took a week")
    return ground.spec(ground.copy("A.avi"))


def _existing_link(ground: Ground) -> str:
    (ground.output / "A_proxy.mp4").symlink_to(ground.inputs / "nowhere.mp4")
    return ground.spec(ground.copy("A.avi"))


def _text(ground: Ground, *, name: str, content: bytes) -> str:
    path = ground.inputs / name
    path.write_bytes(content)
    return ground.spec(path)


def _fifo(ground: Ground) -> str:
    path = ground.inputs / "live.mov"
    os.mkfifo(path)
    return ground.spec(path)


def _loop(ground: Ground) -> str:
    path = ground.inputs / "loop.mov"
    path.symlink_to(path)
    return ground.spec(path)


def _forbidden(ground: Ground) -> str:
    if os.geteuid() == 0:
        pytest.skip("root reads every file, whatever its mode says")
    path = ground.copy("A.avi")
    path.chmod(0)
    return ground.spec(path)


@contextmanager
def mounted(directory: Path, *, options: str) -> Iterator[None]:
    """A file system of its own at `directory`; skips where mounting is not allowed."""
    argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(directory)], check=True, timeout=10)


def _cut(name: str, kind: ClipKind, **how: object) -> Callable[[Ground], str]:
    words = how.get("words")
    if isinstance(words, tuple):
        return lambda ground: ground.spec(_half(ground.remuxed(name, kind=kind, words=words)))
    return lambda ground: ground.spec(_half(ground.copy(name, kind=kind)))


STRUCTURE = (
    Bad(
        id="unknown field",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), colour="red"),
        says=("colour",),
        codes=("FIELD_UNKNOWN",),
    ),
    Bad(
        id="wrong version",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), jobspec_version="9.9"),
        says=("9.9",),
        codes=("VERSION_UNSUPPORTED",),
    ),
    Bad(
        id="missing profile",
        prepare=lambda ground: ground.spec(ground.copy("A.avi")).replace('"proxy_profile"', '"user_metadata_"'),
        says=("proxy_profile",),
        codes=("FIELD_MISSING", "FIELD_UNKNOWN"),
    ),
    Bad(
        id="unknown profile",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), proxy_profile="proxy_of_dreams"),
        says=("proxy_of_dreams",),
        codes=("PROFILE_UNKNOWN",),
    ),
    Bad(
        id="profile and codec disagree",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), codec="h265"),
        says=("proxy_h264_low", "h265"),
        codes=("PROFILE_MISMATCH",),
    ),
    Bad(
        id="DNxHD in MOV",
        prepare=lambda ground: ground.spec(
            ground.copy("A.avi"), codec="dnxhd", container="mov", resolution="1920x1080", proxy_profile="proxy_dnxhd_36"
        ),
        says=("DNxHD must be wrapped in MXF",),
        codes=("CODEC_CONTAINER", "PROFILE_MISMATCH"),
    ),
    Bad(
        id="relative source",
        prepare=lambda ground: ground.spec("A.avi"),
        says=("A.avi", "absolute"),
        codes=("PATH_NOT_ABSOLUTE",),
    ),
    Bad(
        id="line break in a name",
        prepare=lambda ground: ground.spec(ground.copy("two\nlines.avi")),
        says=("two\\nlines.avi", "control character"),
        codes=("FIELD_VALUE",),
    ),
    Bad(
        id="ambiguous names of several clips",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), ground.copy("B.avi"), naming_template="{codec}_proxy"),
        says=("{index}", "{source_name}"),
        codes=("NAMING_AMBIGUOUS",),
    ),
    Bad(
        id="unresolvable token",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), naming_template="{source_name}_{camera}"),
        says=("{camera}",),
        codes=("NAMING_TOKEN",),
    ),
    Bad(
        id="two sources of the same name",
        prepare=lambda ground: ground.spec(ground.copy("day1/A.avi"), ground.copy("day2/a.avi")),
        says=("A_proxy.mp4",),
        codes=("NAMING_COLLISION",),
    ),
    Bad(
        id="not JSON",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"))[:-1],
        says=("JSON",),
        codes=("JSON_INVALID",),
    ),
)
"""What the JobSpec alone shows: the embedded run refuses it before anything is started."""

PATHS = (
    Bad(
        id="missing source",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), ground.inputs / "gone.mov"),
        says=("gone.mov", "does not exist"),
        codes=("SOURCE_MISSING",),
        embedded=True,
    ),
    Bad(
        id="directory as source",
        prepare=lambda ground: ground.spec(ground.inputs),
        says=("is a directory",),
        codes=("SOURCE_NOT_A_FILE",),
    ),
    Bad(id="pipe as source", prepare=_fifo, says=("live.mov", "named pipe"), codes=("SOURCE_NOT_A_FILE",)),
    Bad(
        id="source that is a link to itself",
        prepare=_loop,
        says=("loop.mov", "symbolic links that lead in a circle"),
        codes=("SOURCE_UNREADABLE",),
    ),
    Bad(id="source that may not be read", prepare=_forbidden, says=("A.avi",), codes=("SOURCE_UNREADABLE",)),
    Bad(
        id="missing output directory",
        prepare=lambda ground: ground.spec(ground.copy("A.avi"), output_directory=str(ground.output / "none")),
        says=("none", "does not exist"),
        codes=("OUTPUT_DIRECTORY_MISSING",),
    ),
    Bad(
        id="file as output directory",
        prepare=_file_as_output,
        says=("a_file", "not a directory"),
        codes=("OUTPUT_DIRECTORY_MISSING",),
    ),
    Bad(
        id="read-only output",
        prepare=lambda ground: ground.spec(ground.copy("A.avi")),
        says=("not writable", "Read-only file system"),
        codes=("OUTPUT_DIRECTORY_UNWRITABLE",),
        around=lambda ground: mounted(ground.output, options="ro,size=64k"),
    ),
    Bad(id="existing output", prepare=_existing, says=("A_proxy.mp4 exists already",), codes=("OUTPUT_EXISTS",)),
    Bad(
        id="dangling link as output",
        prepare=_existing_link,
        says=("A_proxy.mp4 exists already",),
        codes=("OUTPUT_EXISTS",),
    ),
)
"""What only the paths show."""

MEDIA = (
    Bad(
        id="mov cut off, index at the end",
        prepare=_cut("cut.mov", ClipKind.HEVC_10BIT_25),
        says=("cut.mov", "is cut off", "moov"),
        codes=("SOURCE_TRUNCATED",),
        embedded=True,
    ),
    Bad(
        id="mov cut off, index in front",
        prepare=_cut("cut.mov", ClipKind.PRORES_HQ_2997_DROP, words=("-movflags", "+faststart")),
        says=("cut.mov", "declares 36"),
        codes=("SOURCE_TRUNCATED",),
    ),
    Bad(
        id="mp4 cut off",
        prepare=_cut("cut.mp4", ClipKind.H264_LONG_GOP_23976, words=("-movflags", "+faststart")),
        says=("cut.mp4", "declares 36"),
        codes=("SOURCE_TRUNCATED",),
    ),
    Bad(
        id="mkv cut off",
        prepare=_cut("cut.mkv", ClipKind.H264_LONG_GOP_23976, words=()),
        says=("cut.mkv",),
        codes=("SOURCE_TRUNCATED",),
    ),
    Bad(
        id="mxf cut off",
        prepare=_cut("cut.mxf", ClipKind.MPEG2_MXF_25I),
        says=("cut.mxf",),
        codes=("SOURCE_TRUNCATED",),
    ),
    Bad(
        id="avi cut off",
        prepare=_cut("cut.avi", ClipKind.MJPEG_AVI_25),
        says=("cut.avi", "declares 25"),
        codes=("SOURCE_TRUNCATED",),
    ),
    Bad(
        id="text under the name of a mov",
        prepare=lambda ground: _text(ground, name="notes.mov", content=b"call the client\n" * 99),
        says=("notes.mov",),
        codes=("SOURCE_UNSUPPORTED",),
    ),
    Bad(
        id="empty file",
        prepare=lambda ground: _text(ground, name="nothing.mov", content=b""),
        says=("nothing.mov", "empty"),
        codes=("SOURCE_EMPTY",),
    ),
    Bad(
        id="camera RAW with a profile of ffmpeg",
        prepare=lambda ground: ground.spec(ground.real_raw("A001.r3d")),
        says=("proxy_h264_low", "resolve"),
        codes=("PROFILE_ENGINE",),
    ),
    Bad(
        id="camera RAW and other footage in one job",
        prepare=lambda ground: ground.spec(ground.real_raw("A001.r3d"), ground.copy("A.avi")),
        says=("RAW and non-RAW sources cannot be in one job", "sources 0", "sources 1"),
        codes=("SOURCE_MIXED_ENGINES",),
    ),
    Bad(
        id="disk full while encoding",
        prepare=lambda ground: ground.spec(
            ground.copy("A.mov", kind=ClipKind.PRORES_HQ_2997_DROP),
            ground.copy("B.mov", kind=ClipKind.DNXHR_24),
            codec="prores_proxy",
            container="mov",
            proxy_profile="proxy_prores_proxy",
            resolution="same",
        ),
        says=("No space left on device",),
        exit_code=2,
        status="FAILED",
        kind="NO_SPACE",
        around=lambda ground: mounted(ground.output, options="size=512k"),
    ),
)
"""What only the media show, or the encode."""
