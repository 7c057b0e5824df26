"""A relay between an executor and its scheduler that goes silent at the moment of a test's choosing."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

CHUNK = 65536


class Relay:
    """Passes bytes on in both directions. From the first request for which `silent` says so, requests are swallowed."""

    def __init__(self, *, target: tuple[str, int], silent: Callable[[], bool]) -> None:
        """Listen on a free port of this machine; `target` is the scheduler."""
        self._target = target
        self._silent = silent
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.swallowed = threading.Event()

    def start(self) -> None:
        """Accept connections from now on."""
        self._run(self._accept)

    def close(self) -> None:
        """Cut every connection."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            far = socket.create_connection(self._target)
            self._open += [near, far]
            self._run(lambda near=near, far=far: self._pass(near, far, requests=True))
            self._run(lambda near=near, far=far: self._pass(far, near, requests=False))

    def _pass(self, source: socket.socket, sink: socket.socket, *, requests: bool) -> None:
        while data := source.recv(CHUNK):
            # Looked at before every chunk: what is asked for after the moment never arrives, what was before it does.
            if requests and (self.swallowed.is_set() or self._silent()):
                self.swallowed.set()
                continue
            sink.sendall(data)

    def _run(self, work: Callable[[], None]) -> None:
        def until_cut() -> None:
            with contextlib.suppress(OSError):
                work()

        threading.Thread(target=until_cut, daemon=True).start()


@contextlib.contextmanager
def relay(*, target: str, silent: Callable[[], bool]) -> Iterator[Relay]:
    """A running relay to `target` (host:port)."""
    host, _, port = target.rpartition(":")
    made = Relay(target=(host, int(port)), silent=silent)
    made.start()
    try:
        yield made
    finally:
        made.close()
