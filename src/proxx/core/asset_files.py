"""The files beside the profiles that looks name: the port through which they are read, and their limits."""

import re
from typing import Protocol

from proxx.core.quoting import quote

LARGEST_CUBE_BYTES = 8 * 1024 * 1024
LARGEST_PNG_BYTES = 4 * 1024 * 1024
LARGEST_FONT_BYTES = 4 * 1024 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)


class AssetError(ValueError):
    """A file that a look names cannot be used. The text is the reason, without the names of profile and key."""


class AssetFiles(Protocol):
    """The files of one `assets` directory, by plain name."""

    def read(self, *, name: str, limit_bytes: int) -> bytes:
        """Return a file's bytes.

        Raises:
            AssetError: it is absent, no plain file of this directory, unreadable, or larger than the limit.
        """
        ...


class NoAssetFiles:
    """No directory: every name is absent."""

    def read(self, *, name: str, limit_bytes: int) -> bytes:  # noqa: ARG002  the port's own signature
        """Raise AssetError."""
        raise AssetError(f"there is no file {quote(text=name)}: this profile has no assets directory")


def check_asset_name(*, name: str, suffix: str) -> None:
    """Check that a look may name this file.

    Raises:
        AssetError: it is no plain file name, or has another suffix.
    """
    if not _NAME.fullmatch(name):
        rule = "a plain file name, 1 to 128 of A-Z a-z 0-9 _ . - (first a letter or digit)"
        raise AssetError(f"expected {rule}, got {quote(text=name)}")
    if not name.endswith(suffix):
        raise AssetError(f"expected a name that ends with {suffix}, got {quote(text=name)}")
