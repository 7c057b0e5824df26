"""What stderr says without saying anything about the source; whatever else it says is damage."""

import pytest

from proxx.core.judge import is_chatter


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            "[mov_text @ 0x555b422d8480] [error] Codec (mov_text) not on whitelist 'aac,h264'", id="as printed"
        ),
        pytest.param("[mov @ 0x1] [aac @ 0x2] [error] Codec (aac) not on whitelist 'h264'", id="with a parent"),
        pytest.param("Svt[info]: SVT [version]:\tSVT-AV1 Encoder Lib v1.4.1", id="settings of SVT-AV1"),
        pytest.param("Svt[warn]: Instance 1: the preset is mapped to 12", id="warning of SVT-AV1"),
    ],
)
def test_what_ffmpeg_says_of_streams_that_nobody_reads_is_harmless(line: str) -> None:
    assert is_chatter(line)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("[error] file:/in/Svt[info].mov: Input/output error", id="a name like SVT-AV1's prefix"),
        pytest.param("[error] file:/in/not on whitelist.mov: Input/output error", id="a name like FFmpeg's words"),
        pytest.param(
            "[error] file:/in/[mov @ 0x1] [error] Codec (x) not on whitelist 'y': Input/output error",
            id="a name like a whole line",
        ),
        pytest.param(
            "[error] Codec (x) not on whitelist 'y'.mov: Input/output error", id="a name without what stands before it"
        ),
        pytest.param("[h264 @ 0x1] [error] Codec (x) not on whitelist 'y' but damaged", id="more behind it"),
        pytest.param("[mov @ 0x1] [error] Protocol 'http' not on whitelist 'file'!", id="another whitelist"),
        pytest.param("[h264 @ 0x1] [error] error while decoding MB 4 0, bytestream 4289", id="damage"),
        pytest.param("Svt[info]: [h264 @ 0x1] [error] error while decoding MB 4 0", id="damage that ran into settings"),
        pytest.param("Svt[error]: cannot allocate", id="error of SVT-AV1"),
    ],
)
def test_a_word_in_a_name_excuses_nothing(line: str) -> None:
    assert not is_chatter(line)
