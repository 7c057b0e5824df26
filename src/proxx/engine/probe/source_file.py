"""A source on disk: is it a file at all, which bytes is it, and what do they say. Blocks; run it in a thread."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, Detection, DetectionReason
from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.sources.detect import inspect_source
from proxx.core.sources.reading import Reading, printable
from proxx.core.units.unit_fault import UnitFault
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.identity import open_source, read_identity
from proxx.runtime.read_at import read_at
from proxx.runtime.where import Where

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedFile:
    """What was found at a path without any tool. Without `identity`, `violations` say why.

    `witness` is the file that ffprobe may be asked about: none where the clip has one file for each frame.
    """

    identity: SourceIdentity | None
    detection: Detection | None
    reading: Reading | None
    violations: tuple[Violation, ...]
    witness: Where | None = None


class FileByteSource:
    """A regular file, open for reading: the ByteSource of the readers. Close it after use."""

    def __init__(self, path: Where, *, follow_links: bool = True) -> None:
        """Open the file. Something that is not a regular file is refused even when it took its place just now.

        Raises:
            OSError: it cannot be opened, is no regular file, or is a symbolic link that is not to be followed.
        """
        self._descriptor = open_source(path=path, follow_links=follow_links)
        state = os.fstat(self._descriptor)
        if not stat.S_ISREG(state.st_mode):
            os.close(self._descriptor)
            raise OSError(None, "not a regular file", str(path))
        self._size = state.st_size

    @property
    def size(self) -> int:
        """Number of bytes when it was opened."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        return read_at(descriptor=self._descriptor, offset=offset, length=length)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def examine_file(
    *, path: Where, source: RootPath, clip_index: int, source_matrix: int = DEFAULT_SOURCE_MATRIX, note: str = ""
) -> ExaminedFile:
    """Return identity and detection of the file at `path`. A special file is never opened.

    `note` goes on behind the refusal of one.
    """
    if "\x00" in str(path):
        clause = "is no file name: it holds a NUL character"
        return _refused(clip_index, ViolationCode.SOURCE_MISSING, path, clause, expected="a file name")
    try:
        kind = _special_kind(path.stat().st_mode)
        if kind is not None:
            code, clause = ViolationCode.SOURCE_NOT_A_FILE, f"is {kind}, not a file{note}"
            return _refused(clip_index, code, path, clause, expected="a regular file", actual=kind)
        identity = read_identity(path=path, source=source)
        data = FileByteSource(path)
        try:
            detection, reading = inspect_source(name=source.name, data=data, source_matrix=source_matrix)
        finally:
            data.close()
    except OSError as error:
        return unreadable(clip_index=clip_index, path=path, error=error)
    if detection.reason is DetectionReason.EMPTY:
        return _emptied(clip_index, path, identity, detection)
    return ExaminedFile(identity=identity, detection=detection, reading=reading, violations=(), witness=path)


def refuse_unit(*, clip_index: int, path: Where, fault: UnitFault) -> ExaminedFile:
    """Return the refusal of a clip of several files."""
    return _refused(clip_index, fault.code, path, fault.clause, expected=fault.expected, actual=fault.actual)


def unreadable(*, clip_index: int, path: Where, error: OSError) -> ExaminedFile:
    """Return the refusal of a source that the file system does not show."""
    other = os.fspath(error.filename) if isinstance(error.filename, str | os.PathLike) else str(path)
    if other != str(path):
        said = f"{printable(text=Path(other).name)}: {printable(text=error.strerror or str(error))}"
        return _refused(
            clip_index, ViolationCode.SOURCE_UNREADABLE, path, f"cannot be read: {said}", expected="a readable file"
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        code, clause = ViolationCode.SOURCE_MISSING, "does not exist"
        return _refused(clip_index, code, path, clause, expected="a file", actual="nothing")
    if error.errno == errno.ELOOP:
        code, clause = ViolationCode.SOURCE_UNREADABLE, "lies behind symbolic links that lead in a circle"
        return _refused(clip_index, code, path, clause, expected="a file", actual="a loop of symbolic links")
    clause = f"cannot be read: {printable(text=error.strerror or str(error))}"
    return _refused(clip_index, ViolationCode.SOURCE_UNREADABLE, path, clause, expected="a readable file")


def source_violation(
    *, clip_index: int, code: ViolationCode, path: Where, clause: str, expected: str = "", actual: str = ""
) -> Violation:
    """Return a violation of one source: the path as this host sees it, and what is wrong there."""
    return Violation(
        code=code,
        field=f"sources[{clip_index}]",
        message=f"{printable(text=str(path), limit=4096)} {clause}",
        expected=expected,
        actual=actual,
    )


def _special_kind(mode: int) -> str | None:
    if stat.S_ISREG(mode):
        return None
    return next((name for test, name in _KINDS if test(mode)), "a special file")


def _refused(
    clip_index: int, code: ViolationCode, path: Where, clause: str, *, expected: str = "", actual: str = ""
) -> ExaminedFile:
    violation = source_violation(
        clip_index=clip_index, code=code, path=path, clause=clause, expected=expected, actual=actual
    )
    return ExaminedFile(identity=None, detection=None, reading=None, violations=(violation,))


def _emptied(clip_index: int, path: Where, identity: SourceIdentity, detection: Detection) -> ExaminedFile:
    violation = source_violation(
        clip_index=clip_index,
        code=ViolationCode.SOURCE_EMPTY,
        path=path,
        clause="is empty (0 bytes)",
        expected="a file with content",
        actual="0 bytes",
    )
    return ExaminedFile(identity=identity, detection=detection, reading=None, violations=(violation,))
