"""Who runs this process, as far as the machine says."""

import getpass
import os
import socket
import sys


def user_and_host() -> str:
    """Return `user@host`; a user without a name by its number, where users have one."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = _number()
    return f"{user}@{socket.gethostname()}"


def _number() -> str:
    if sys.platform == "win32":
        return "unknown"
    return f"uid-{os.getuid()}"
