"""The form in which output paths are compared: what no file system tells apart is one path."""

import unicodedata

from proxx.core.roots import RootPath


def path_key(path: RootPath) -> str:
    """Return the key of a root path. Two paths that some file system takes for one have the same key."""
    return f"{path.root}:{fold_name(path.path)}"


def fold_name(name: str) -> str:
    """Return a name or path in the form in which case and Unicode form do not count (NFC, folded)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
