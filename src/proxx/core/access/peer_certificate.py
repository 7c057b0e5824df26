"""What counts of a client's certificate that TLS has verified."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerCertificate:
    """Names as the access file writes them (`spiffe://…`, `dns:…`, `cn:…`), in the order in which they are looked up.

    `sha256` is the fingerprint of the DER bytes and `serial` the serial number, both in lower-case hexadecimal digits
    without separators, the serial number without leading zeros. The times are UTC and aware.
    """

    names: tuple[str, ...]
    sha256: str
    serial: str
    not_before: datetime
    not_after: datetime
