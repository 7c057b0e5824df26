"""Flags of os.open that not every system has. Where one is absent it is 0, and what it asks for is not done.

On Windows there are no named pipes in the way of files, no controlling terminals, and descriptors are not inherited;
links need a privilege to be made there, so following one is accepted. Bytes are read as they are.
"""

import os

CLOSE_ON_EXEC: int = getattr(os, "O_CLOEXEC", 0)
NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)
NO_TERMINAL: int = getattr(os, "O_NOCTTY", 0)
DIRECTORY: int = getattr(os, "O_DIRECTORY", 0)
PATH_ONLY: int = getattr(os, "O_PATH", 0)
AS_BYTES: int = getattr(os, "O_BINARY", 0)

READ: int = os.O_RDONLY | CLOSE_ON_EXEC | AS_BYTES
"""Open for reading, for this process alone."""
