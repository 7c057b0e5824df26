"""The sample tables of one track, just far enough: how many samples, where the first lies, where the last ends."""

import struct
from dataclasses import dataclass

from proxx.core.sources.bounded_reader import BoundedReader

_TAIL_SAMPLES = 4096


@dataclass(slots=True, kw_only=True)
class SampleTables:
    """Where the tables of a track lie: (first byte of content, byte after it), None when the track has none."""

    sizes: tuple[int, int] | None = None
    compact_sizes: tuple[int, int] | None = None
    chunks: tuple[int, int] | None = None
    wide_chunks: tuple[int, int] | None = None
    runs: tuple[int, int] | None = None


def note_table(*, tables: SampleTables, kind: bytes, start: int, end: int) -> None:
    """Remember a table of the sample table box when it is one that is needed."""
    if kind == b"stsz":
        tables.sizes = (start, end)
    elif kind == b"stz2":
        tables.compact_sizes = (start, end)
    elif kind == b"stco":
        tables.chunks = (start, end)
    elif kind == b"co64":
        tables.wide_chunks = (start, end)
    elif kind == b"stsc":
        tables.runs = (start, end)


def sample_count(*, reader: BoundedReader, tables: SampleTables) -> int | None:
    """Return how many samples the track declares, None when it does not say."""
    table = tables.sizes or tables.compact_sizes
    if table is None or table[1] - table[0] < 12:
        return None
    return reader.number(table[0] + 8, 4)


def first_chunk(*, reader: BoundedReader, tables: SampleTables) -> int | None:
    """Return the offset of the first chunk, None when the track declares none."""
    return _chunk(reader, tables, first=True)


def samples_end(*, reader: BoundedReader, tables: SampleTables) -> int | None:
    """Return the byte after the last sample of the last chunk, None when the tables do not tell.

    Chunks lie in ascending order in every file that a camera or an editor writes; the last entry is taken as the last.
    """
    last = _chunk(reader, tables, first=False)
    per_chunk = _samples_in_last_run(reader, tables)
    count = sample_count(reader=reader, tables=tables)
    if last is None or per_chunk is None or tables.sizes is None or not count:
        return None
    in_chunk = min(per_chunk, count, _TAIL_SAMPLES)
    fixed = reader.number(tables.sizes[0] + 4, 4)
    if fixed:
        return last + fixed * in_chunk
    entries = tables.sizes[0] + 12
    if entries + count * 4 > tables.sizes[1]:
        return None
    tail = reader.read(entries + (count - in_chunk) * 4, in_chunk * 4)
    lengths: tuple[int, ...] = struct.unpack(f">{in_chunk}I", tail)
    return last + sum(lengths)


def _chunk(reader: BoundedReader, tables: SampleTables, *, first: bool) -> int | None:
    table, width = (tables.chunks, 4) if tables.chunks is not None else (tables.wide_chunks, 8)
    if table is None or table[1] - table[0] < 8:
        return None
    count = reader.number(table[0] + 4, 4)
    if count == 0 or table[0] + 8 + count * width > table[1]:
        return None
    return reader.number(table[0] + 8 + (0 if first else (count - 1) * width), width)


def _samples_in_last_run(reader: BoundedReader, tables: SampleTables) -> int | None:
    if tables.runs is None or tables.runs[1] - tables.runs[0] < 8:
        return None
    count = reader.number(tables.runs[0] + 4, 4)
    entry = tables.runs[0] + 8 + (count - 1) * 12
    if count == 0 or entry + 12 > tables.runs[1]:
        return None
    return reader.number(entry + 4, 4)
