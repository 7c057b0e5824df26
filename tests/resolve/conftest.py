"""What the tests of this tier share."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what renders or verifies where its tools are absent."""
    missing = [tool for tool in ("ffmpeg", "ffprobe") if shutil.which(tool) is None]
    for item in items:
        if missing and item.path.is_relative_to(HERE) and item.get_closest_marker("media") is not None:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """A scheduler inside the test's process logs every call, which takes longer than the test."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()
