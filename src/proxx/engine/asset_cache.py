"""The files of looks on this host: fetched from the scheduler by digest, kept in a private directory, bounded."""

import asyncio
import contextlib
import hashlib
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path, PurePath
from typing import Protocol

from proxx.core.failure import FailureKind
from proxx.core.look import Asset
from proxx.core.quoting import quote
from proxx.engine.disk import disk_error
from proxx.engine.errors import failed
from proxx.engine.scheduler_port import (
    AssetUnknownError,
    CallRefusedError,
    SchedulerDefectError,
    SchedulerUnavailableError,
)
from proxx.engine.session import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS
from proxx.engine.threads import to_thread_whole
from proxx.runtime import open_flags
from proxx.runtime.clock import Clock

LARGEST_TOTAL_BYTES = 256 * 1024 * 1024
MOST_DEFECTS = 10
"""How often the scheduler may answer with a defect of its own before the clip fails."""

SUFFIXES = (".cube", ".png", ".ttf")
"""FFmpeg tells tables apart by the end of their name."""

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class AssetPort(Protocol):
    """The one verb of the scheduler that is needed here; SchedulerPort has it."""

    async def get_asset(self, *, sha256: str) -> bytes:
        """Return a file of a look. Raises as SchedulerPort.get_asset."""
        ...


class AssetCache:
    """Keeps files by digest in `directory`, which is this executor's alone and made when it is first needed.

    Owned by one event loop.
    """

    def __init__(
        self, *, port: AssetPort, directory: Path, clock: Clock, limit_bytes: int = LARGEST_TOTAL_BYTES
    ) -> None:
        """Take the scheduler, a private directory, the clock, and how much is kept, more only while it is used."""
        self._port = port
        self._directory = directory
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._kept: dict[Path, int] = {}
        self._holders: Counter[Path] = Counter()
        self._changing = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def hold(self, assets: tuple[Asset, ...]) -> AsyncIterator[Mapping[str, Path]]:
        """Have these files on disk, sound, while the block runs; yields their paths by sha256.

        Raises:
            StepFailedError: ASSET_UNAVAILABLE, the scheduler has one of them no more or it is not what its digest
                says; IO_ERROR or NO_SPACE, it cannot be kept.
        """
        held: dict[str, Path] = {}
        try:
            for asset in assets:
                async with self._changing:
                    path = await self._file(asset)
                    self._holders[path] += 1
                    held[asset.sha256] = path
            yield held
        finally:
            self._holders.subtract(held.values())
            await self._evict()

    async def _file(self, asset: Asset) -> Path:
        suffix = PurePath(asset.name).suffix
        if not _DIGEST.fullmatch(asset.sha256) or suffix not in SUFFIXES:
            raise _unavailable(asset, f"expected a sha256 and a name that ends with {', '.join(SUFFIXES)}")
        path = self._directory / f"{asset.sha256}{suffix}"
        if path in self._kept and await asyncio.to_thread(_is_sound, path, asset):
            self._kept[path] = self._kept.pop(path)  # the youngest stands last
            return path
        data = await self._fetch(asset)
        if len(data) != asset.size_bytes or hashlib.sha256(data).hexdigest() != asset.sha256:
            raise _unavailable(asset, f"the scheduler sent {len(data)} other bytes")
        try:
            await to_thread_whole(_write, path, data)
        except OSError as error:
            raise disk_error(error, what=f"cannot keep {quote(text=asset.name)}, which the look needs") from error
        self._kept[path] = len(data)
        return path

    async def _fetch(self, asset: Asset) -> bytes:
        """Ask until there is an answer. A scheduler that stays silent ends this through the lease."""
        backoff, defects = FIRST_BACKOFF_SECONDS, 0
        while True:
            try:
                return await self._port.get_asset(sha256=asset.sha256)
            except (AssetUnknownError, CallRefusedError) as refusal:
                raise _unavailable(asset, str(refusal)) from refusal
            except SchedulerUnavailableError as error:
                defects += isinstance(error, SchedulerDefectError)
                if defects >= MOST_DEFECTS:
                    raise _unavailable(asset, str(error)) from error
            await self._clock.sleep(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)

    async def _evict(self) -> None:
        """Remove the oldest files that nobody holds until the rest is within the limit."""
        if self._changing.locked():
            return  # another lease waits for the scheduler: it sweeps when it is done, and this one is not kept waiting
        async with self._changing:
            for path in [path for path in self._kept if not self._holders[path]]:
                if sum(self._kept.values()) <= self._limit_bytes:
                    return
                del self._kept[path]
                with contextlib.suppress(OSError):  # it is in nobody's way, and goes with the directory
                    await to_thread_whole(path.unlink, missing_ok=True)


def _unavailable(asset: Asset, why: str) -> Exception:
    fact = f"The look needs {quote(text=asset.name)} (sha256 {asset.sha256[:64]}), which is not to be had: {why}"
    return failed(FailureKind.ASSET_UNAVAILABLE, fact)


def _is_sound(path: Path, asset: Asset) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == asset.sha256
    except OSError:
        return False


def _write(path: Path, data: bytes) -> None:
    """Write under another name first: nobody ever sees half a file under the digest's."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.NO_FOLLOW | open_flags.CLOSE_ON_EXEC
    descriptor = os.open(unfinished, flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    unfinished.replace(path)
