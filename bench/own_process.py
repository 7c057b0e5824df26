"""One process of a benchmark: started by whoever extends it, ended the same way everywhere."""

import signal
import subprocess
from types import TracebackType

STOP_SECONDS = 30


class OwnProcess:
    """Holds a process that `__enter__` of the class that extends this starts into `_process`."""

    _process: "subprocess.Popen[bytes] | None" = None
    _stop_signal = signal.SIGTERM

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask it to end and wait; kill what does not end."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The process; it holds all others.

        Raises:
            RuntimeError: it was not started.
        """
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid
