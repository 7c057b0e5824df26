"""Limits and keepalive of both ends of a connection, in one place so that they agree."""

from collections.abc import Sequence

from proxx.core.overload import MAX_MESSAGE_BYTES
from proxx.rpc.errors import STATUS_BYTES_CLIENT

REQUEST_METADATA_BYTES = 8 * 1024
_KEEPALIVE_MS = 30_000
SHORTEST_PING_MS = 10_000
"""Servers of gRPC answer pings more often than every 5 minutes with GOAWAY unless they are told otherwise."""

MAX_CONNECTIONS = 2000
"""Connections that one server has open at once. A further one is closed as soon as it is accepted."""

PING_STRIKES = 2
"""Pings that come too soon, after which the answer is GOAWAY with `too_many_pings`."""

HANDSHAKE_MS = 20_000
"""Who connects and says nothing is let go after it, TLS and the first SETTINGS included."""

IDLE_MS = 15 * 60 * 1000
"""A connection without a call is closed after it; its client dials again with the next call."""

_UNREQUESTED_SECONDS = 2
"""For so long a call may wait until the server looks at it; gRPC's own time is 30 s, one lease. Under HPACK bombs
heartbeats waited up to 26.6 s (ADR 37). Why is a guess, neither proven in gRPC's source nor tested by itself: calls
that die before they are looked at, as those with too much metadata do, hold up what came behind them until they are
given up."""

_PENDING_CALLS = 20_000
"""Calls that gRPC keeps until the server looks at them. From its own 1,000 on it refuses calls at random, whoever makes
them; here the limits refuse (proxx.core.overload), which know executors."""

Options = Sequence[tuple[str, int]]


def server_options(*, max_concurrent_streams: int, max_connections: int) -> Options:
    """Return the options of a server.

    SO_REUSEPORT is off: with it, a second server on a taken port starts and silently gets half of the calls.
    """
    return (
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_metadata_size", REQUEST_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", 2 * REQUEST_METADATA_BYTES),
        ("grpc.max_concurrent_streams", max_concurrent_streams),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", SHORTEST_PING_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 2 * _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", SHORTEST_PING_MS),
        ("grpc.http2.max_ping_strikes", PING_STRIKES),
        ("grpc.max_connection_age_ms", 30 * 60 * 1000),
        ("grpc.max_connection_idle_ms", IDLE_MS),
        ("grpc.server_handshake_timeout_ms", HANDSHAKE_MS),
        ("grpc.http2.settings_timeout", HANDSHAKE_MS),
        ("grpc.max_allowed_incoming_connections", max_connections),
        ("grpc.server_max_unrequested_time_in_server", _UNREQUESTED_SECONDS),
        ("grpc.server.max_pending_requests", _PENDING_CALLS),
        ("grpc.server.max_pending_requests_hard_limit", 2 * _PENDING_CALLS),
    )


def client_options() -> Options:
    """Return the options of a channel. Backoff is short: a scheduler that came back is to be found at once."""
    return (
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_metadata_size", 2 * STATUS_BYTES_CLIENT),
        ("grpc.absolute_max_metadata_size", 4 * STATUS_BYTES_CLIENT),
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", SHORTEST_PING_MS),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        ("grpc.enable_http_proxy", 0),
    )
