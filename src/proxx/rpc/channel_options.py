"""Limits and keepalive of both ends of a connection, in one place so that they agree."""

from collections.abc import Sequence

from proxx.rpc.errors import STATUS_BYTES_CLIENT

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Largest message, published by GetSystemInfo."""

_REQUEST_METADATA_BYTES = 8 * 1024
_KEEPALIVE_MS = 30_000
_SHORTEST_PING_MS = 10_000
"""Servers of gRPC answer pings more often than every 5 minutes with GOAWAY unless they are told otherwise."""

Options = Sequence[tuple[str, int]]


def server_options(*, max_concurrent_streams: int) -> Options:
    """Return the options of a server.

    SO_REUSEPORT is off: with it, a second server on a taken port starts and silently gets half of the calls.
    """
    return (
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_metadata_size", _REQUEST_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", 2 * _REQUEST_METADATA_BYTES),
        ("grpc.max_concurrent_streams", max_concurrent_streams),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _SHORTEST_PING_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 2 * _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _SHORTEST_PING_MS),
        ("grpc.max_connection_age_ms", 30 * 60 * 1000),
    )


def client_options() -> Options:
    """Return the options of a channel. Backoff is short: a scheduler that came back is to be found at once."""
    return (
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_metadata_size", 2 * STATUS_BYTES_CLIENT),
        ("grpc.absolute_max_metadata_size", 4 * STATUS_BYTES_CLIENT),
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _SHORTEST_PING_MS),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        ("grpc.enable_http_proxy", 0),
    )
