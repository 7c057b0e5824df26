"""What a server takes at once and how often, and whom it refuses beyond. Pure: the caller brings the clock."""

from proxx.core.overload.call_book import CallBook
from proxx.core.overload.call_kind import CallKind, kind_of
from proxx.core.overload.call_limits import CallLimits, KindLimits
from proxx.core.overload.message_sizes import MAX_MESSAGE_BYTES, largest_message
from proxx.core.overload.rate_limit import RateLimit
from proxx.core.overload.refusal import OverloadReason, OverloadRefusal
from proxx.core.overload.ticket import Ticket
from proxx.core.overload.token_bucket import TokenBucket

__all__ = [
    "MAX_MESSAGE_BYTES",
    "CallBook",
    "CallKind",
    "CallLimits",
    "KindLimits",
    "OverloadReason",
    "OverloadRefusal",
    "RateLimit",
    "Ticket",
    "TokenBucket",
    "kind_of",
    "largest_message",
]
