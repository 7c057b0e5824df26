"""Which object a number on the wire means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.resolve_simulator.app.api import ApiObject


class Registry:
    """Objects by number. One that is forgotten answers nothing any more."""

    def __init__(self) -> None:
        self._objects: dict[int, ApiObject] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._objects)

    def add(self, thing: ApiObject) -> int:
        self._last += 1
        self._objects[self._last] = thing
        return self._last

    def add_nothing(self) -> int:
        """Return a number that no object has, nor will have."""
        self._last += 1
        return self._last

    def get(self, ref: int) -> ApiObject | None:
        return self._objects.get(ref)

    def forget(self, things: list[ApiObject]) -> None:
        for thing in things:
            self._objects.pop(thing.ref, None)

    def encode(self, value: Any) -> Any:
        """Return a value as it goes on the wire; keys that are whole numbers are marked, JSON has only text."""
        if isinstance(value, (list, tuple)):
            return [self.encode(each) for each in value]
        if isinstance(value, dict):
            return {f"$int:{k}" if isinstance(k, int) else k: self.encode(each) for k, each in value.items()}
        if hasattr(value, "ref"):
            return {"$ref": value.ref, "$type": type(value).__name__, "$calls": value.calls()}
        return value

    def decode(self, value: Any) -> Any:
        """Return what a client sent, with objects for numbers; None for one that is forgotten."""
        if isinstance(value, list):
            return [self.decode(each) for each in value]
        if isinstance(value, dict):
            if "$ref" in value:
                return self.get(value["$ref"])
            return {key: self.decode(each) for key, each in value.items()}
        return value
