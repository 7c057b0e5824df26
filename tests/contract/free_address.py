"""Addresses that nobody else takes between the look and the use."""

import itertools
import os
import socket

FIRST, COUNT = 20_000, 12_000
"""Below the ports that systems give to outgoing connections, one of which could take a port that was seen free."""

_numbers = itertools.count(os.getpid() * 37)


def free_address() -> str:
    """Return a loopback address that is free; each process looks from another number on."""
    for number in itertools.islice(_numbers, COUNT):
        address = ("127.0.0.1", FIRST + number % COUNT)
        try:
            socket.create_server(address).close()
        except OSError:
            continue
        return f"{address[0]}:{address[1]}"
    raise RuntimeError(f"no port from {FIRST} to {FIRST + COUNT - 1} is free")
