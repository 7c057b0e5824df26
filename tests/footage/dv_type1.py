"""An AVI of type 1: one stream of whole DV frames, as capture software for tape writes it and ffmpeg does not."""

import struct
import subprocess
from pathlib import Path

FRAME_BYTES = 144_000  # one frame of 25 Mbit/s DV at 25 frames a second


def make_dv_type1(path: Path, *, frames: int) -> Path:
    """Write `frames` frames of PAL DV with sound to `path` and return it.

    Raises:
        RuntimeError: ffmpeg refused; carries its message.
        FileNotFoundError: there is no ffmpeg on PATH.
    """
    raw = path.with_suffix(".dv")
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi"]
    argv += ["-i", f"testsrc2=size=720x576:rate=25,trim=end_frame={frames}", "-f", "lavfi"]
    argv += ["-i", f"sine=sample_rate=48000:duration={frames / 25}", "-ac", "2"]
    argv += ["-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-f", "dv", str(raw)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg could not make {raw.name} (exit code {done.returncode}): {done.stderr.strip()}")
    stream = raw.read_bytes()
    raw.unlink()
    chunks = [stream[at : at + FRAME_BYTES] for at in range(0, frames * FRAME_BYTES, FRAME_BYTES)]
    path.write_bytes(_avi(chunks))
    return path


def _avi(frames: list[bytes]) -> bytes:
    count = len(frames)
    main = struct.pack("<14I", 40_000, 3_600_000, 0, 0x10, count, 0, 1, FRAME_BYTES, 720, 576, 0, 0, 0, 0)
    tail = struct.pack("<IHHIIIIIIIIhhhh", 0, 0, 0, 0, 1, 25, 0, count, FRAME_BYTES, 0xFFFFFFFF, 0, 0, 0, 720, 576)
    stream = _chunk(b"LIST", b"strl" + _chunk(b"strh", b"iavsdvsd" + tail) + _chunk(b"strf", bytes(32)))
    header = _chunk(b"LIST", b"hdrl" + _chunk(b"avih", main) + stream)
    movie, index = b"movi", b""
    for frame in frames:
        index += b"00__" + struct.pack("<III", 0x10, len(movie), len(frame))
        movie += _chunk(b"00__", frame)
    return _chunk(b"RIFF", b"AVI " + header + _chunk(b"LIST", movie) + _chunk(b"idx1", index))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
