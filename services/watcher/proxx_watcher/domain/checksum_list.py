"""Checksum lists: MHL 1, ASC MHL 2, and the text files that md5sum and its kin write. Strangers' text, read strictly.

A list is read whole or not at all: one that breaks off says nothing yet. XML with a document type or an entity is
refused. Sources: mediahashlist.org (MHL 1.1), ASC MHL 2.0, GNU coreutils (the text form).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.parsers import expat

MAX_LIST_BYTES = 16 * 1024 * 1024
"""Longest list that is read: some 50,000 files, and seconds to parse."""

MAX_LISTED = 100_000

VERIFIABLE = ("sha256", "sha512", "sha1", "md5")
"""Algorithms that are computed here, the strongest common one first."""

_MHL_DIGESTS = frozenset({"md5", "sha1", "sha256", "sha512", "xxhash", "xxhash64", "xxhash64be", "xxh64", "c4"})
_ASC_DIGESTS = frozenset({"md5", "sha1", "sha256", "sha512", "xxh64", "xxh128", "xxh3", "c4"})
_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512", 16: "xxh64"}
_SUFFIXES = {
    ".md5": "md5",
    ".sha1": "sha1",
    ".sha256": "sha256",
    ".sha512": "sha512",
    ".xxh64": "xxh64",
    ".xxh128": "xxh128",
}
_NAMES = frozenset({"md5sums", "sha1sums", "sha256sums", "sha512sums", "md5sum.txt", "sha256sum.txt", "checksums.md5"})
_TEXT_LINE = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9A-Fa-f]{16,128}) [ *](?P<path>.+)")
_TAGGED_LINE = re.compile(r"(?P<word>[A-Z0-9]{3,8}) \((?P<path>.+)\) = (?P<digest>[0-9A-Fa-f]{16,128})")
_MAX_DEPTH = 32
_MAX_TEXT = 8192


class ChecksumListError(ValueError):
    """The text is no whole checksum list; the message says where it stops being one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list says of one file: its path as written, its size in bytes where stated, digests by algorithm."""

    path: str
    size: int | None
    digests: Mapping[str, str]


def is_checksum_list(*, name: str) -> bool:
    """Return whether a file of this name is taken for a checksum list."""
    folded = name.casefold()
    return folded.endswith((".mhl", *_SUFFIXES)) or folded in _NAMES


def read_checksum_list(*, name: str, text: bytes) -> tuple[Listed, ...]:
    """Return the entries of a list; which kind it is, its name says.

    Raises:
        ChecksumListError: it is not whole, not of its kind, too long, or XML with a document type or an entity.
    """
    if len(text) > MAX_LIST_BYTES:
        raise ChecksumListError(f"has {len(text)} bytes, at most {MAX_LIST_BYTES} are read")
    if name.casefold().endswith(".mhl"):
        return _MhlReader().read(text)
    return _text_list(name, text)


def list_entry_path(*, source: str, written: str) -> str:
    """Return the path, relative to the folder, that an entry of the list at `source` names; empty when outside.

    Entries are relative to the directory of their list; those of an ASC MHL list, to the directory above `ascmhl`.
    """
    base = source.split("/")[:-1]
    if base and base[-1] == "ascmhl":
        base.pop()
    cleaned = written.replace("\\", "/")
    if cleaned.startswith("/"):
        return ""
    for part in cleaned.split("/"):
        if part == "..":
            if not base:
                return ""
            base.pop()
        elif part not in ("", "."):
            base.append(part)
    return "/".join(base)


def _text_list(name: str, text: bytes) -> tuple[Listed, ...]:
    suffix = next((word for ending, word in _SUFFIXES.items() if name.casefold().endswith(ending)), "")
    if text and not text.endswith(b"\n"):
        raise ChecksumListError("its last line has no end: it may not be finished")
    found: list[Listed] = []
    for number, line in enumerate(text.decode("utf-8", "surrogateescape").split("\n"), start=1):
        line = line.removesuffix("\r")
        if not line or line.startswith(("#", ";")):
            continue
        match = _TEXT_LINE.fullmatch(line) or _TAGGED_LINE.fullmatch(line)
        algorithm = _LENGTHS.get(len(match["digest"])) if match is not None else None
        if match is None or algorithm is None:
            raise ChecksumListError(f"line {number} is no digest with a file name")
        if algorithm == "md5" and suffix == "xxh128":
            algorithm = suffix
        path = _unescaped(match["path"]) if match.groupdict().get("escaped") else match["path"]
        found.append(_listed(path, None, {algorithm: match["digest"]}))
        if len(found) > MAX_LISTED:
            raise ChecksumListError(f"lists more than {MAX_LISTED} files")
    return tuple(found)


def _unescaped(path: str) -> str:
    return re.sub(r"\\([\\n])", lambda match: "\n" if match[1] == "n" else "\\", path)


def _listed(path: str, size: int | None, digests: Mapping[str, str]) -> Listed:
    lowered = {word: value.lower() for word, value in digests.items()}
    return Listed(path=path, size=size, digests=MappingProxyType(lowered))


class _MhlReader:
    """Reads MHL 1 (`hashlist` with `file`, `size`) and ASC MHL 2 (`hashlist` with `path size=…`), as events."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._path = ""
        self._size: int | None = None
        self._digests: dict[str, str] = {}
        self._found: list[Listed] = []

    def read(self, text: bytes) -> tuple[Listed, ...]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(text, True)
        except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: it names an encoding of its own
            raise ChecksumListError(f"is no whole XML list: {error}") from error
        return tuple(self._found)

    def _doctype(self, *_: object) -> None:
        raise ChecksumListError("has a document type or an entity, which no checksum list needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._stack and local != "hashlist":
            raise ChecksumListError(f"its root is {local[:40]}, expected hashlist")
        self._stack.append(local)
        if len(self._stack) > _MAX_DEPTH:
            raise ChecksumListError(f"is nested more than {_MAX_DEPTH} deep")
        self._text, self._length = [], 0
        if local == "hash":
            self._path, self._size, self._digests = "", None, {}
        elif local == "path" and self._inside("hash"):
            self._size = _whole_number(attributes.get("size", ""))

    def _characters(self, data: str) -> None:
        self._length += len(data)
        if self._length > _MAX_TEXT:
            raise ChecksumListError(f"holds a value of more than {_MAX_TEXT} characters")
        self._text.append(data)

    def _end(self, _: str) -> None:
        local, value = self._stack.pop(), "".join(self._text).strip()
        self._text, self._length = [], 0
        if not self._stack or (not self._inside("hash") and local != "hash"):
            return
        if local in ("file", "path"):
            self._path = value
        elif local == "size":
            self._size = _whole_number(value)
        elif local in _MHL_DIGESTS or local in _ASC_DIGESTS:
            self._digests[local] = value
        elif local == "hash" and self._path:
            self._found.append(_listed(self._path, self._size, self._digests))
            if len(self._found) > MAX_LISTED:
                raise ChecksumListError(f"lists more than {MAX_LISTED} files")

    def _inside(self, name: str) -> bool:
        return name in self._stack


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None
