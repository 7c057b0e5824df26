"""Opaque page tokens: which list of which installation, and after which position."""

import base64
import binascii
import hashlib
import hmac

from proxx.rpc.errors import request_invalid
from proxx_scheduler.app.errors import PageTokenError

SIZE_LIMIT = 500
SEAL_BYTES = 12
POSITION_DIGITS = 18
"""A position is a 64-bit row number or a clip index; what is longer was written by nobody here."""
TOKEN_LIMIT = 64
"""No token of ours is longer: what is longer is not decoded."""


def page_size(asked: int, *, default: int) -> int:
    """Return the size to use.

    Raises:
        RefusedCallError: it is out of its limits.
    """
    if not 0 <= asked <= SIZE_LIMIT:
        raise request_invalid(field="page_size", rule=f"it must lie between 0 and {SIZE_LIMIT}, got {asked}")
    return asked or default


class PageTokens:
    """Writes and reads tokens. Each is sealed with the key of the database that the list comes from.

    So a token is good for the list, the filter and the database that gave it, over restarts and for every scheduler of
    that database; another one, one that was cut or one that somebody made up is refused.
    """

    def __init__(self, *, key: str) -> None:
        """Take the key of the database."""
        self._key = key.encode("utf-8")

    def write(self, *, scope: str, after: int | None) -> str:
        """Return the token of the next page, empty at the end. `scope` names the list and its filter."""
        if after is None:
            return ""
        position = str(after)
        return base64.urlsafe_b64encode(self._seal(scope, position) + position.encode("ascii")).decode("ascii")

    def read(self, *, scope: str, token: str) -> int | None:
        """Return where a page begins, None for the first.

        Raises:
            PageTokenError: the token is not of this list.
        """
        if not token:
            return None
        if len(token) > TOKEN_LIMIT:
            raise PageTokenError(page_token=token)
        try:
            found = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
            position = found[SEAL_BYTES:].decode("ascii")
        except (UnicodeError, binascii.Error) as error:
            raise PageTokenError(page_token=token) from error
        if not position.isdigit() or len(position) > POSITION_DIGITS:
            raise PageTokenError(page_token=token)
        if not hmac.compare_digest(found[:SEAL_BYTES], self._seal(scope, position)):
            raise PageTokenError(page_token=token)
        return int(position)

    def _seal(self, scope: str, position: str) -> bytes:
        text = f"{position} {scope}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).digest()[:SEAL_BYTES]
