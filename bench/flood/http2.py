"""The few frames of HTTP/2 (RFC 9113) and literal header fields of HPACK (RFC 7541) that a rude client needs."""

import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
INITIAL_WINDOW_SIZE = 4
CANCEL = 8
LARGEST_FRAME = 16_384


def frame(kind: int, *, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(values: dict[int, int] | None = None) -> bytes:
    """Return a SETTINGS frame with these values."""
    pairs = (values or {}).items()
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", key, value) for key, value in pairs))


def literal(name: str, value: str) -> bytes:
    """Return one header field, never indexed, without Huffman coding."""
    return b"\x10" + _text(name.encode()) + _text(value.encode())


def request_headers(*, authority: str, path: str, more: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Return the header block of a gRPC call."""
    fields = (
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", authority), ("te", "trailers"),
        ("content-type", "application/grpc"), *more,
    )  # fmt: skip
    return b"".join(literal(name, value) for name, value in fields)


def headers(stream: int, block: bytes, *, end_stream: bool = False) -> bytes:
    """Return a header block as HEADERS and as many CONTINUATION frames as it needs."""
    parts = [block[place : place + LARGEST_FRAME] for place in range(0, len(block), LARGEST_FRAME)] or [b""]
    frames = []
    for number, part in enumerate(parts):
        flags = END_HEADERS if number == len(parts) - 1 else 0
        if number == 0:
            frames.append(frame(HEADERS, flags=flags | (END_STREAM if end_stream else 0), stream=stream, payload=part))
        else:
            frames.append(frame(CONTINUATION, flags=flags, stream=stream, payload=part))
    return b"".join(frames)


def message(body: bytes) -> bytes:
    """Return a gRPC message: not compressed, its length, its bytes."""
    return b"\0" + struct.pack(">I", len(body)) + body


def data(stream: int, body: bytes, *, end_stream: bool = True) -> bytes:
    """Return a body as DATA frames."""
    parts = [body[place : place + LARGEST_FRAME] for place in range(0, len(body), LARGEST_FRAME)] or [b""]
    return b"".join(
        frame(DATA, flags=END_STREAM if end_stream and number == len(parts) - 1 else 0, stream=stream, payload=part)
        for number, part in enumerate(parts)
    )


def _text(text: bytes) -> bytes:
    length = len(text)
    if length < 127:
        return bytes([length]) + text
    coded, rest = bytearray([127]), length - 127
    while rest >= 128:
        coded.append(rest % 128 + 128)
        rest //= 128
    coded.append(rest)
    return bytes(coded) + text
