"""One studio for all witness tests of a process: a source is made once."""

import shutil

import pytest

from tests.witness.studio import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Where proxies are made; skipped where there is no ffmpeg."""
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        pytest.skip("ffmpeg and ffprobe are not on PATH")
    return Studio(tmp_path_factory.mktemp("witness"))
