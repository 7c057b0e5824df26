"""The files of a witness on this host's disk: where they lie, what they say, and removing them."""

import contextlib
import os
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from proxx.core.plan import Expected, ExpectedWitness
from proxx.core.staging import WITNESS_SUFFIX
from proxx.core.witness import (
    PictureWitness,
    SoundWitness,
    Thumbnails,
    TrackHash,
    WitnessReport,
    compare_pictures,
    compare_sound,
    files,
    read_stream_hashes,
    window_pairs,
)
from proxx.core.witness.limits import picture_limits
from proxx.core.witness.sound import SAMPLE_BYTES, WINDOW
from proxx.runtime import open_flags
from proxx.runtime.where import Where, listed, open_at


def compare_witness(*, expected: Expected, witness: ExpectedWitness, kept: Where, proxy: Where) -> WitnessReport:
    """Compare what the encode of `kept` has put aside with what decoding `proxy` has. What is missing is empty.

    Raises:
        OSError: a file cannot be read.
    """
    lossy = [number for number, track in enumerate(expected.audio) if not files.is_lossless(track)]
    return WitnessReport(
        pictures=_pictures(expected=expected, witness=witness, kept=kept, proxy=proxy),
        packets=_hashes(kept=kept, proxy=proxy, name=files.PACKETS),
        samples=_hashes(kept=kept, proxy=proxy, name=files.SAMPLES),
        sound=tuple(
            _sound(kept=kept, proxy=proxy, track=number, channels=expected.audio[number].channels) for number in lossy
        ),
    )


def read_first(proxy: Where) -> bytes:
    """Return the small first picture that decoding `proxy` has left, or nothing where there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with _opened(_beside(proxy, files.found(files.FIRST))) as file:
            return file.read()
    except FileNotFoundError:
        return b""


def remove_witness(output: Where) -> None:
    """Remove every file of the witness of `output`, of both sides.

    Raises:
        OSError: one is there and cannot be removed.
    """
    begins = f"{output.name}{WITNESS_SUFFIX}-"
    try:
        with listed(output.parent) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(begins)]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            output.with_name(name).unlink()


def _pictures(*, expected: Expected, witness: ExpectedWitness, kept: Where, proxy: Where) -> PictureWitness:
    thumbnails = Thumbnails(columns=witness.columns, rows=witness.rows, pairs=witness.pairs)
    ours, theirs = _beside(kept, files.PICTURES), _beside(proxy, files.found(files.PICTURES))
    whole = thumbnails.size * (2 if witness.pairs else 1)
    planned, found = _size(ours) // whole, _size(theirs) // thumbnails.size
    pairs = zip(_blocks(ours, whole), _blocks(theirs, thumbnails.size), strict=False)
    return compare_pictures(
        pairs=islice(pairs, min(planned, found)),  # a tool that died may have left part of one
        planned=planned,
        found=found,
        thumbnails=thumbnails,
        least_motion=picture_limits(expected.codec).least_motion,
    )


def _sound(*, kept: Where, proxy: Where, track: int, channels: int) -> SoundWitness:
    name = files.sound_name(track)
    ours, theirs = _beside(kept, name), _beside(proxy, files.found(name))
    sample = SAMPLE_BYTES * channels
    return compare_sound(
        pairs=window_pairs(planned=_blocks(ours, WINDOW * sample), found=_blocks(theirs, WINDOW * sample)),
        channels=channels,
        planned=_size(ours) // sample,
        found=_size(theirs) // sample,
    )


def _hashes(*, kept: Where, proxy: Where, name: str) -> tuple[TrackHash, ...]:
    ours, theirs = (_stream_hashes(path) for path in (_beside(kept, name), _beside(proxy, files.found(name))))
    longest = max(len(ours), len(theirs))
    return tuple(
        TrackHash(planned=planned, found=found)
        for planned, found in zip(_filled(ours, longest), _filled(theirs, longest), strict=True)
    )


def _beside(output: Where, name: str) -> Where:
    """Return where proxx.core.command_paths.witness_file has a tool write a file of the witness."""
    return output.with_name(f"{output.name}{WITNESS_SUFFIX}-{name}")


def _opened(path: Where) -> BinaryIO:
    return os.fdopen(open_at(path, open_flags.READ | open_flags.NO_FOLLOW), "rb")


def _stream_hashes(path: Where) -> tuple[str, ...]:
    try:
        with _opened(path) as file:
            return read_stream_hashes(text=file.read().decode("ascii", errors="replace"))
    except FileNotFoundError:
        return ()


def _filled(hashes: tuple[str, ...], count: int) -> tuple[str, ...]:
    return hashes + ("",) * (count - len(hashes))


def _size(path: Where) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def _blocks(path: Where, size: int) -> Iterator[bytes]:
    """Yield the file in blocks; the last one may be short."""
    try:
        file = _opened(path)
    except FileNotFoundError:
        return
    with file:
        while block := file.read(size):
            yield block
