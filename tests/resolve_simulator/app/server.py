"""The listener: one thread for each client, one call at a time in the whole application."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.resolve_simulator.app.api import ApiObject
from tests.resolve_simulator.app.resolve import Resolve
from tests.resolve_simulator.app.world import LOOK_SECONDS, World


class Server:
    """Answers clients of one application."""

    def __init__(self, world: World, resolve: Resolve) -> None:
        self._world = world
        self._resolve = resolve

    def serve(self, listener: socket.socket) -> None:
        """Accept clients until the application ends."""
        listener.settimeout(LOOK_SECONDS)
        while True:
            try:
                stream, _ = listener.accept()
            except TimeoutError:
                self._world.leave_if_forgotten()
                continue
            stream.settimeout(None)
            threading.Thread(target=self._client, args=(stream,), daemon=True).start()

    def _client(self, stream: socket.socket) -> None:
        with contextlib.suppress(ConnectionError), stream, stream.makefile("rwb") as file:  # closing flushes, too
            for line in file:
                file.write(json.dumps({"value": self._answer(json.loads(line))}).encode() + b"\n")
                file.flush()
        if self._world.quirks.client_death_wedges and self._world.rendering.is_set():
            self._world.wedged = True

    def _answer(self, request: dict[str, Any]) -> Any:
        self._world.asked = time.monotonic()
        if "scriptapp" in request:
            return self._world.registry.encode(self._resolve)
        with self._world.lock:
            thing = self._world.registry.get(request["ref"])
            if thing is None:
                return None
            args = self._world.registry.decode(request["args"])
            entry = {"object": type(thing).__name__, "call": request["call"], "args": request["args"]}
            self._world.log(entry)
            return self._world.registry.encode(self.call(thing, request["call"], args))

    def call(self, thing: ApiObject, name: str, args: list[Any]) -> Any:
        """Do one call as the switches will have it."""
        world, quirks = self._world, self._world.quirks
        full = f"{type(thing).__name__}.{name}"
        world.counts.update((name, full))
        named = {name, full, f"{name}#{world.counts[name]}", f"{full}#{world.counts[full]}"}
        if named & set(quirks.crash_calls):
            world.crash()
        if named & set(quirks.hang_calls):
            world.hang()
        time.sleep(max((quirks.delays[each] for each in named if each in quirks.delays), default=0.0))
        if world.free and name in quirks.gated_calls:
            world.modal = True
            return False
        if world.modal:
            return False
        for each in sorted(named):
            if each in quirks.forced:
                return quirks.forced[each]
        value = _run(lambda: thing.run(name, args))
        return None if named & set(world.none_calls()) else value


def _run(work: Callable[[], Any]) -> Any:
    """Return what a call gives; None where its arguments do not fit, as the real one says no more either."""
    try:
        return work()
    except TypeError as error:
        if "positional argument" in str(error):
            return None
        raise
