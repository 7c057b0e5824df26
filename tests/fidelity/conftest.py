"""One workshop for all fidelity tests of a process: a scene is made once."""

import shutil

import pytest

from tests.fidelity.workshop import Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Where scenes are made and proxies measured; skipped where there is no ffmpeg."""
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        pytest.skip("ffmpeg and ffprobe are not on PATH")
    return Workshop(tmp_path_factory.mktemp("fidelity"))
