"""Processes that the kernel ends at one exact flush: what a power cut leaves behind, made to order."""

from pathlib import Path

FLUSH_HOOK = '''
"""Ends this process with SIGKILL in the middle of a publication that replaces a file."""
import os
import signal
from pathlib import Path

MOMENT = "{moment}"
_flush = os.fsync


def fsync(descriptor):
    _flush(descriptor)
    place = Path(os.readlink(f"/proc/self/fd/{{descriptor}}"))
    if place.name.endswith(".replaced"):
        aside = list(place.iterdir())
        published = False
    else:
        aside = list(place.glob(".proxx/*.replaced/*"))
        published = bool(aside) and all((place / old.name).exists() for old in aside)
    if (MOMENT == "moved aside" and aside and not published) or (MOMENT == "published" and published):
        os.kill(os.getpid(), signal.SIGKILL)


os.fsync = fsync
'''


def dying_when(*, moment: str, directory: Path) -> dict[str, str]:
    """Return the environment of a process that dies when a replaced file was `moved aside`, or its proxy `published`.

    Python itself loads the hook; nothing of Proxx is changed.
    """
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(FLUSH_HOOK.format(moment=moment), encoding="utf-8")
    return {"PYTHONPATH": str(directory)}
