"""What tools write to stderr without saying anything about the source.

Matched by FFmpeg's own form, as `-loglevel repeat+level+error` prints it: `[component @ address] [level] message`.
Names of files and what a file says of itself are strangers' bytes, so a word somewhere in a line proves nothing.
"""

import re

_NOT_READ = re.compile(
    r"(?:\[[^\]\s]+ @ 0x[0-9a-f]+\] ){1,2}\[error\] Codec \([0-9A-Za-z_-]{1,64}\) not on whitelist '[0-9A-Za-z_,-]*'"
)
"""A stream that the plan does not read. FFmpeg says it once or more for each."""

_SVT = re.compile(r"Svt\[(?:info|warn)\]: (?!.*\[(?:error|fatal|panic)\]).*")
"""SVT-AV1's settings, without FFmpeg's prefix. It writes past FFmpeg's log, so a line of damage may run into one."""


def is_chatter(line: str) -> bool:
    """Return whether a whole line of stderr is harmless: a stream that is not read, or an encoder's settings."""
    return _NOT_READ.fullmatch(line) is not None or _SVT.fullmatch(line) is not None
