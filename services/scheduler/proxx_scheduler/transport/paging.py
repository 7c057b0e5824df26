"""Opaque page tokens: which list, and after which position."""

import base64
import binascii

from proxx.rpc.errors import request_invalid
from proxx_scheduler.app.errors import PageTokenError

SIZE_LIMIT = 500
POSITION_DIGITS = 18
"""A position is a 64-bit row number or a clip index; what is longer was written by nobody here."""


def page_size(asked: int, *, default: int) -> int:
    """Return the size to use.

    Raises:
        RefusedCallError: it is out of its limits.
    """
    if not 0 <= asked <= SIZE_LIMIT:
        raise request_invalid(field="page_size", rule=f"it must lie between 0 and {SIZE_LIMIT}, got {asked}")
    return asked or default


def write_token(*, scope: str, after: int | None) -> str:
    """Return the token of the next page, empty at the end."""
    if after is None:
        return ""
    return base64.urlsafe_b64encode(f"{scope}:{after}".encode()).decode("ascii")


def read_token(*, scope: str, token: str) -> int | None:
    """Return where a page begins, None for the first.

    Raises:
        PageTokenError: the token is not of this list.
    """
    if not token:
        return None
    try:
        found, _, after = (
            base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode().rpartition(":")
        )
    except (UnicodeError, binascii.Error) as error:
        raise PageTokenError(page_token=token) from error
    if found != scope or not (after.isascii() and after.isdigit()) or len(after) > POSITION_DIGITS:
        raise PageTokenError(page_token=token)
    return int(after)
