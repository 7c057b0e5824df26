"""A relay before a PostgreSQL server that cuts connections at the worst moments."""

import socket
import threading
from pathlib import Path

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message with which libpq's clients commit."""


class CuttingRelay:
    """Listens as `.s.PGSQL.5432` in a directory of its own. `cut` says when the next COMMIT kills its connection:

    "before": the server never sees it. "after": the server has committed, and nobody hears of it. While `refusing`,
    new connections are closed at once. While `flowing` is not set, nothing reaches the server, and nobody is told.
    """

    def __init__(self, *, directory: Path, server: Path) -> None:
        self.directory = directory
        self.cut = ""
        self.cuts = 0
        self.refusing = False
        self.flowing = threading.Event()
        self.flowing.set()
        self._server = str(server / ".s.PGSQL.5432")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / ".s.PGSQL.5432"))
        self._listener.listen()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.flowing.set()
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._open += [client, server]
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        while data := _receive(client):
            self.flowing.wait()
            if COMMIT in data and self.cut:
                self._cut(data, client, server)
                return
            if not _send(server, data):
                break
        _shut(server)

    def _cut(self, data: bytes, client: socket.socket, server: socket.socket) -> None:
        moment, self.cut = self.cut, ""
        self.cuts += 1
        self.refusing = True
        if moment == "before":
            _shut(client)
            _shut(server)
            return
        _shut(client)  # it hears nothing of what the server answers
        _send(server, data)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        while data := _receive(server):
            if not _send(client, data):
                _shut(server)  # its client is gone; what it had answered is done
                return
        _shut(client)


def _receive(one: socket.socket) -> bytes:
    try:
        return one.recv(65536)
    except OSError:
        return b""


def _send(one: socket.socket, data: bytes) -> bool:
    try:
        one.sendall(data)
    except OSError:
        return False
    return True


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
