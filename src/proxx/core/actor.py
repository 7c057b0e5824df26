"""Who caused an event: the words that events carry. Until callers are authenticated, a name is what they claim."""

from urllib.parse import quote as percent_encoded
from urllib.parse import unquote

from proxx.core.quoting import quote

CLAIM_KEY = "proxx-actor"
"""Request metadata with the name that a caller claims, percent-encoded UTF-8."""
NAME_LIMIT = 200
"""Most characters of a name that are kept."""
OPERATOR = "operator"
SUBMITTER = "submitter"


def claim_of(name: str) -> str:
    """Return the metadata value that claims a name."""
    return percent_encoded(name[: NAME_LIMIT + 1].encode("utf-8", "backslashreplace"), safe="@/._-+")


def claimed(value: str, *, otherwise: str) -> str:
    """Return the actor for a metadata value: `claimed/NAME`, or `otherwise` when there is none.

    The name is a stranger's: what cannot be printed is written out, and what is too long is cut and ends in `…`.
    """
    name = unquote(value, errors="backslashreplace").strip()
    return f"claimed/{quote(text=name, limit=NAME_LIMIT)[1:-1]}" if name else otherwise
