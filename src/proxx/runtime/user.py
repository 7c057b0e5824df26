"""Who runs this process, as far as the machine says."""

import getpass
import os
import socket


def user_and_host() -> str:
    """Return `user@host`; a user without a name by its number."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid-{os.getuid()}"
    return f"{user}@{socket.gethostname()}"
