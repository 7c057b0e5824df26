"""framecrc lines as counts."""

from fractions import Fraction

from proxx.engine.framecrc import FramecrcCounter

OUTPUT = """#software: Lavf59.27.100
#tb 0: 1001/30000
#media_type 0: video
#codec_id 0: wrapped_avframe
#dimensions 0: 1280x720
#sar 0: 1/1
#tb 1: 1/48000
#media_type 1: audio
#codec_id 1: pcm_s16le
#sample_rate 1: 48000
#tb 2: 1/44100
#media_type 2: audio
0,          0,          0,        1,      472, 0x7263173b
1,          0,          0,     1024,     2048, 0x0ae4e6ab
1,       1024,       1024,      577,     2048, 0xbcaffeb7
0,          1,          1,        1,      472, 0x08be1642, S=1, 8, 0x1
"""


def counted(text: str) -> tuple[int, tuple[Fraction, ...]]:
    counter = FramecrcCounter()
    for line in text.splitlines():
        counter.feed(line)
    return counter.pictures, counter.audio_durations


def test_pictures_and_samples_are_counted_by_stream() -> None:
    assert counted(OUTPUT) == (2, (Fraction(1601, 48000), Fraction(0)))


def test_only_the_first_video_stream_counts() -> None:
    assert counted(OUTPUT + "#tb 3: 1/25\n#media_type 3: video\n3, 0, 0, 1, 472, 0x0\n")[0] == 2


def test_nothing_decoded_is_nothing_counted() -> None:
    assert counted("") == (0, ())


def test_pictures_differ_where_one_has_another_checksum_or_size_than_the_first() -> None:
    header = "#tb 0: 1/25\n#media_type 0: video\n#media_type 1: audio\n"
    same = header + "".join(f"0, {n}, {n}, 1, 64, 0xaa\n1, {n}, {n}, 1, 64, 0x{n}\n" for n in range(4))
    other, larger = same + "0, 4, 4, 1, 64, 0xab\n", same + "0, 4, 4, 1, 65, 0xaa\n"
    found = []
    for text in (same, other, larger):
        counter = FramecrcCounter()
        for line in text.splitlines():
            counter.feed(line)
        found.append(counter.pictures_differ)
    assert found == [False, True, True]
