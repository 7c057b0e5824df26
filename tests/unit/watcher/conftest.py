"""A directory in memory where there is one: these tests flush thousands of files."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A directory of this test's own, gone afterwards."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    path = Path(tempfile.mkdtemp(prefix="proxx-watcher-", dir=MEMORY))
    yield path
    shutil.rmtree(path)
