"""The files of looks on a disk: read whole, within limits, never from outside their directory."""

import hashlib
import os
import stat
from importlib.resources.abc import Traversable
from pathlib import Path

from proxx.core.asset_files import AssetError
from proxx.core.quoting import quote
from proxx.runtime import open_flags


class PackageAssets:
    """The files that Proxx ships. `contents` holds what was read, by sha256."""

    def __init__(self, directory: Traversable) -> None:
        """Take the directory."""
        self._directory = directory
        self.contents: dict[str, bytes] = {}

    def read(self, *, name: str, limit_bytes: int) -> bytes:
        """Return a file's bytes and remember them.

        Raises:
            AssetError: it is absent or larger than the limit.
        """
        try:
            data = (self._directory / name).read_bytes()
        except OSError as error:
            raise AssetError(f"{quote(text=name)} is not shipped: {error.strerror}") from error
        return _kept(self.contents, name, data, limit_bytes)


class DirectoryAssets:
    """The files of a site. `contents` holds what was read, by sha256.

    A symbolic link is followed while its target lies in the same directory, as mounted configuration has it.
    """

    def __init__(self, directory: Path) -> None:
        """Take the directory; it need not exist before a file is asked for."""
        self._directory = directory
        self.contents: dict[str, bytes] = {}

    def read(self, *, name: str, limit_bytes: int) -> bytes:
        """Return a file's bytes and remember them.

        Raises:
            AssetError: it is absent, no plain file, outside the directory, unreadable, or larger than the limit.
        """
        path = self._directory / name
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self._directory.resolve(strict=True)):
                raise AssetError(f"{quote(text=name)} leads out of {self._directory}")
            data = _read_plain_file(real, limit_bytes)
        except OSError as error:
            raise AssetError(f"{quote(text=name)} cannot be read from {self._directory}: {error.strerror}") from error
        if data is None:
            raise AssetError(f"{quote(text=name)} is no plain file")
        return _kept(self.contents, name, data, limit_bytes)


def _read_plain_file(path: Path, limit_bytes: int) -> bytes | None:
    """Read at most one byte more than the limit; a device or a pipe is not opened for long, and never waited for."""
    descriptor = os.open(path, open_flags.READ | open_flags.NO_FOLLOW | open_flags.NO_WAIT)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit_bytes + 1)
    finally:
        os.close(descriptor)


def _kept(contents: dict[str, bytes], name: str, data: bytes, limit_bytes: int) -> bytes:
    if len(data) > limit_bytes:
        raise AssetError(f"{quote(text=name)} is too large: expected at most {limit_bytes} bytes")
    contents[hashlib.sha256(data).hexdigest()] = data
    return data
