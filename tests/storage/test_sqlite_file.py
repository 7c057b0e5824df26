"""A SQLite file that is no database, or not a whole one."""

from pathlib import Path

import pytest

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.storage.database import open_database
from tests.fakes.stores import open_store


@pytest.fixture
def file(tmp_path: Path) -> DatabaseAddress:
    return database_address(str(tmp_path / "proxx.db"))


def overwrite(path: Path, *, offset: int, length: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(b"\xa5" * length)


async def filled(file: DatabaseAddress) -> Path:
    async with open_store(file) as harness:
        for number in range(20):
            await harness.add(f"job-{number}", clips=20)
    assert file.path is not None
    return file.path


def refuse(file: DatabaseAddress) -> str:
    with pytest.raises(StoreOpenError) as raised:
        open_database(address=file, holder="test")
    return str(raised.value)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file: DatabaseAddress) -> None:
    assert file.path is not None
    file.path.write_bytes(b"this is no database, it is a text of some length" * 50)
    before = file.path.read_bytes()
    assert refuse(file) == f"database {file.path} cannot be used: file is not a database"
    assert file.path.read_bytes() == before


async def test_a_file_that_lost_its_end_is_refused_and_left_as_it_is(file: DatabaseAddress) -> None:
    path = await filled(file)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)
    before = path.read_bytes()
    assert "cannot be used" in refuse(file)
    assert path.read_bytes() == before


async def test_a_file_with_a_damaged_page_is_refused_and_left_as_it_is(file: DatabaseAddress) -> None:
    path = await filled(file)
    overwrite(path, offset=path.stat().st_size // 2 // 4096 * 4096, length=4096)
    before = path.read_bytes()
    assert "cannot be used: it is damaged" in refuse(file)
    assert path.read_bytes() == before


def test_a_refused_file_lets_its_lock_go(file: DatabaseAddress) -> None:
    assert file.path is not None
    file.path.write_bytes(b"no database" * 500)
    refuse(file)
    file.path.unlink()
    open_database(address=file, holder="test").close()


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    file = database_address(str(tmp_path / "none" / "proxx.db"))
    with pytest.raises(FileNotFoundError, match="none"):
        open_database(address=file, holder="test")
