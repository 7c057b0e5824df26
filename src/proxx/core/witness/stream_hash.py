"""FFmpeg's streamhash output: one line for each stream, `index,kind,algorithm=hash`."""

import re

_LINE = re.compile(r"(\d+),([a-z]),([A-Za-z0-9]+=[0-9a-fA-F]+)", re.ASCII)


def read_stream_hashes(*, text: str) -> tuple[str, ...]:
    """Return what stands after the index of each stream, in the streams' order; lines of another form are no hashes."""
    found = [match for line in text.splitlines() if (match := _LINE.fullmatch(line.strip())) is not None]
    return tuple(f"{match[2]} {match[3].lower()}" for match in sorted(found, key=lambda match: int(match[1])))
