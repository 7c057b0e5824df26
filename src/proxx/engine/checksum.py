"""Digests of whole files, read in a thread so that leases go on being renewed."""

import asyncio
import hashlib
import os
from dataclasses import dataclass

from proxx.runtime import open_flags
from proxx.runtime.where import Where, open_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """sha256 in lower-case hex, and how many bytes it covers."""

    sha256: str
    size_bytes: int


def digest_file(path: Where) -> FileDigest:
    """Read the whole file and return its digest. Does not follow a symbolic link in the last component.

    Raises:
        OSError: it cannot be read.
    """
    descriptor = open_at(path, open_flags.READ | open_flags.NO_FOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileDigest(sha256=digest.hexdigest(), size_bytes=file.tell())


async def digest_file_in_thread(path: Where) -> FileDigest:
    """Like digest_file, without blocking the event loop."""
    return await asyncio.to_thread(digest_file, path)
