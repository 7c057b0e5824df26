"""Which Python can load Resolve's scripting module. Pure, but for `read_python`, which starts one and asks.

Source: the reference on Resolve scripting, section 1: 64 bits; 3.10 to 3.12 is the band of low risk. Proxx needs 3.11.
"""

import json
import subprocess
from dataclasses import dataclass

from proxx.core.quoting import quote

SAFE = ((3, 11), (3, 12))
"""The versions that Proxx needs and that Resolve takes for certain."""

ASK_SECONDS = 20.0
_QUESTION = "import json, struct, sys; print(json.dumps([list(sys.version_info[:3]), struct.calcsize('P') * 8]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFacts:
    """One interpreter: its program, its version, the width of its pointers."""

    program: str
    version: tuple[int, int, int]
    bits: int

    @property
    def safe(self) -> bool:
        """Whether it is one that Proxx runs on and that Resolve takes for certain."""
        return self.bits == 64 and self.version[:2] in SAFE

    @property
    def usable(self) -> bool:
        """Whether Proxx runs on it, and Resolve may take it."""
        return self.bits == 64 and self.version[:2] >= SAFE[0]

    def __str__(self) -> str:
        """Version, width and place."""
        return f"Python {'.'.join(map(str, self.version))}, {self.bits} bits, at {quote(text=self.program, limit=400)}"


def read_python(*, program: str) -> PythonFacts | None:
    """Ask an interpreter what it is; None where it does not start, or is no Python."""
    try:
        done = subprocess.run(
            [program, "-I", "-c", _QUESTION], capture_output=True, timeout=ASK_SECONDS, check=True, text=True
        )
        match json.loads(done.stdout):
            case [[int(major), int(minor), int(micro)], int(bits)]:
                return PythonFacts(program=program, version=(major, minor, micro), bits=bits)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return None
