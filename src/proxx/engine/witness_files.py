"""The files of a witness on this host's disk: where they lie, what they say, and removing them."""

import contextlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from proxx.core.command_paths import witness_file
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
from proxx.runtime.where import Where, listed


def compare_witness(*, expected: Expected, witness: ExpectedWitness, kept: Path, proxy: Path) -> WitnessReport:
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


def read_first(proxy: Path) -> bytes:
    """Return the small first picture that decoding `proxy` has left, or nothing where there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return witness_file(proxy, files.found(files.FIRST)).read_bytes()
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


def _pictures(*, expected: Expected, witness: ExpectedWitness, kept: Path, proxy: Path) -> PictureWitness:
    thumbnails = Thumbnails(columns=witness.columns, rows=witness.rows, pairs=witness.pairs)
    ours, theirs = witness_file(kept, files.PICTURES), witness_file(proxy, files.found(files.PICTURES))
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


def _sound(*, kept: Path, proxy: Path, track: int, channels: int) -> SoundWitness:
    name = files.sound_name(track)
    ours, theirs = witness_file(kept, name), witness_file(proxy, files.found(name))
    sample = SAMPLE_BYTES * channels
    return compare_sound(
        pairs=window_pairs(planned=_blocks(ours, WINDOW * sample), found=_blocks(theirs, WINDOW * sample)),
        channels=channels,
        planned=_size(ours) // sample,
        found=_size(theirs) // sample,
    )


def _hashes(*, kept: Path, proxy: Path, name: str) -> tuple[TrackHash, ...]:
    ours, theirs = (_stream_hashes(path) for path in (witness_file(kept, name), witness_file(proxy, files.found(name))))
    longest = max(len(ours), len(theirs))
    return tuple(
        TrackHash(planned=planned, found=found)
        for planned, found in zip(_filled(ours, longest), _filled(theirs, longest), strict=True)
    )


def _stream_hashes(path: Path) -> tuple[str, ...]:
    try:
        return read_stream_hashes(text=path.read_text(encoding="ascii", errors="replace"))
    except FileNotFoundError:
        return ()


def _filled(hashes: tuple[str, ...], count: int) -> tuple[str, ...]:
    return hashes + ("",) * (count - len(hashes))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the file in blocks; the last one may be short."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        while block := file.read(size):
            yield block
