"""The engine's own code on the model disk: paths and system calls that lead there.

`engine_on_model_disk` puts a stand-in for the module `os` into the modules of the engine that touch files. It serves
descriptors of the model and passes everything else on, so that publishing, staging, sweeping, hashing and flushing are
the product's own functions, call by call.
"""

import contextlib
import fnmatch
import io
import os
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from proxx.core.roots import RootPath
from proxx.engine import checksum, identity, journal, look, staging
from proxx.engine.mounts import MountTable
from proxx.runtime import durable, no_replace, read_at, where
from tests.simulation.model_disk import Inode, ModelDisk, Stat

FIRST_DESCRIPTOR = 1_000_000


class ModelPath:
    """What the engine uses of pathlib.Path, on a model disk."""

    __slots__ = ("disk", "text")

    def __init__(self, disk: ModelDisk, text: str) -> None:
        self.disk = disk
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"ModelPath({self.text!r})"

    def __fspath__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelPath) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __truediv__(self, other: "str | PurePosixPath") -> "ModelPath":
        return ModelPath(self.disk, f"{self.text.rstrip('/')}/{other}")

    @property
    def name(self) -> str:
        return self.text.rpartition("/")[2]

    @property
    def parent(self) -> "ModelPath":
        return ModelPath(self.disk, self.text.rpartition("/")[0] or "/")

    def with_name(self, name: str) -> "ModelPath":
        return self.parent / name

    def is_absolute(self) -> bool:
        return True

    def resolve(self) -> "ModelPath":
        return self

    def is_relative_to(self, other: "ModelPath") -> bool:
        return self.text == other.text or self.text.startswith(other.text.rstrip("/") + "/")

    def is_dir(self) -> bool:
        return self.text in self.disk.directories

    def exists(self) -> bool:
        return self.text in self.disk.names or self.is_dir()

    def glob(self, pattern: str) -> "list[ModelPath]":
        found = (ModelPath(self.disk, name) for name in self.disk.listing(self.text))
        return [path for path in found if fnmatch.fnmatchcase(path.name, pattern)]

    def iterdir(self) -> "list[ModelPath]":
        return self.glob("*")

    def lstat(self) -> Stat:
        return self.disk.stat(self.text)

    def unlink(self, missing_ok: bool = False) -> None:
        try:
            self.disk.unlink(self.text)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        self.disk.mkdir(self.text, exist_ok=exist_ok)

    def rmdir(self) -> None:
        self.disk.rmdir(self.text)

    def replace(self, target: "ModelPath") -> None:
        self.disk.rename(self.text, target.text, replace=True)

    rename = replace


class ModelMounts(MountTable):
    """One root, `local`, on a model disk."""

    def __init__(self, disk: ModelDisk) -> None:
        super().__init__({"local": PurePosixPath("/")})  # type: ignore[dict-item]  # only asked whether it is absolute
        self._disk = disk

    def rooted(self, path: RootPath) -> Any:
        return ModelPath(self._disk, f"/{path.path}")

    local = rooted


class _TextFile:
    """A text file opened for writing."""

    def __init__(self, opened: "_Open") -> None:
        self._disk, self._path = opened.disk, opened.path
        assert opened.inode is not None
        self._inode = opened.inode

    def __enter__(self) -> "_TextFile":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def write(self, text: str) -> None:
        self._disk.write(self._path, self._inode, text.encode("utf-8", "surrogatepass"))

    def flush(self) -> None:
        return None

    def fileno(self) -> "_Open":
        return _Open(self._disk, self._path, self._inode)


class _Open:
    """An open file or directory; it stands in for a descriptor."""

    __slots__ = ("disk", "inode", "path")

    def __init__(self, disk: ModelDisk, path: str, inode: Inode | None) -> None:
        self.disk, self.path, self.inode = disk, path, inode


class _Reader(io.BytesIO):
    """What os.fdopen gives."""

    def __init__(self, opened: _Open) -> None:
        super().__init__(opened.inode.content if opened.inode is not None else b"")
        self.opened = opened

    def fileno(self) -> Any:
        return self.opened

    def tell(self) -> int:
        return len(self.getvalue())  # hashlib reads a BytesIO whole without moving in it


class ModelOs:
    """The module os, with the model's descriptors beside the host's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, mode: int = 0o777, **options: Any) -> Any:
        if not isinstance(path, ModelPath):
            return os.open(path, flags, mode, **options)
        disk = path.disk
        if flags & os.O_DIRECTORY:
            disk.step("open", path.text)
            if path.text not in disk.directories:
                raise FileNotFoundError(2, os.strerror(2), path.text)
            return _Open(disk, path.text, None)
        if flags & os.O_CREAT:
            return _Open(disk, path.text, disk.create(path.text, exclusive=bool(flags & os.O_EXCL)))
        disk.step("open", path.text)
        return _Open(disk, path.text, disk.inode(path.text))

    def replace(self, source: Any, target: Any, **options: Any) -> None:
        if isinstance(source, ModelPath):
            source.replace(target)
        else:
            os.replace(source, target, **options)  # noqa: PTH105  the same call

    def scandir(self, path: Any) -> Any:
        if not isinstance(path, ModelPath):
            return os.scandir(path)
        if not path.is_dir():
            raise FileNotFoundError(2, os.strerror(2), path.text)
        return contextlib.nullcontext(path.iterdir())

    def close(self, descriptor: Any) -> None:
        if not isinstance(descriptor, _Open):
            os.close(descriptor)

    def fsync(self, descriptor: Any) -> None:
        if not isinstance(descriptor, _Open):
            os.fsync(descriptor)
        elif descriptor.inode is None:
            descriptor.disk.flush_directory(descriptor.path)
        else:
            descriptor.disk.flush_file(descriptor.path, descriptor.inode)

    def fdopen(self, descriptor: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(descriptor, _Open):
            return os.fdopen(descriptor, *arguments, **options)
        if "w" in arguments:
            return _TextFile(descriptor)
        descriptor.disk.step("read", descriptor.path)
        return _Reader(descriptor)

    def fstat(self, descriptor: Any) -> Any:
        if not isinstance(descriptor, _Open):
            return os.fstat(descriptor)
        inode = descriptor.inode
        assert inode is not None
        return Stat(0o100644, inode.number, len(inode.content), inode.mtime_ns)

    def pread(self, descriptor: Any, length: int, offset: int) -> bytes:
        if not isinstance(descriptor, _Open):
            return os.pread(descriptor, length, offset)
        assert descriptor.inode is not None
        return descriptor.inode.content[offset : offset + length]

    def stat(self, path: Any, *, dir_fd: Any = None, follow_symlinks: bool = True) -> Any:
        if not isinstance(dir_fd, _Open):
            return os.stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        return dir_fd.disk.stat(f"{dir_fd.path.rstrip('/')}/{path}")


def _exclusive_rename() -> Any:
    def rename(source: ModelPath, target: ModelPath) -> None:
        source.disk.rename(source.text, target.text, replace=False)

    return "renameat2", rename


MODULES = (checksum, durable, identity, journal, look, read_at, staging, where)


@contextlib.contextmanager
def engine_on_model_disk() -> Iterator[None]:
    """Lead the engine's system calls to model disks while the block runs; real paths go on to the host."""
    stand_in: Any = ModelOs()
    rename = no_replace._exclusive_rename
    for module in MODULES:
        module.os = stand_in  # type: ignore[attr-defined]  # the module's own import
    no_replace._exclusive_rename = _exclusive_rename  # type: ignore[assignment]  # cached, and of the host only
    try:
        yield
    finally:
        for module in MODULES:
            module.os = os  # type: ignore[attr-defined]  # the module's own import
        no_replace._exclusive_rename = rename
