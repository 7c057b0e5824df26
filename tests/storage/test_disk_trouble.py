"""A file that cannot grow: nothing is acknowledged, reads go on, and writes hold again when it can."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxx_scheduler.app.ports import StoreError
from proxx_scheduler.database_address import database_address
from tests.fakes.stores import open_store


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """Limit this process: what is written behind `size` bytes of any file fails, as on a disk with errors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_file_that_cannot_grow_acknowledges_nothing_and_is_used_again_when_it_can(tmp_path: Path) -> None:
    file = tmp_path / "proxx.db"
    async with open_store(database_address(str(file))) as harness:
        await harness.add("kept")
        with no_file_grows_beyond(file.with_name("proxx.db-wal").stat().st_size):
            with pytest.raises(StoreError, match="the database could not be written: disk I/O error"):
                await harness.add("lost")
            assert harness.store.trouble == "the database could not be written: disk I/O error"
            assert await harness.keys() == ("kept",)
        await harness.until_calm()
        await harness.add("after")
        assert await harness.keys() == ("kept", "after")
        assert harness.told == ["kept", "after"]
    async with open_store(database_address(str(file))) as again:
        assert await again.keys() == ("kept", "after")
        assert await again.sequences() == [1, 2]
