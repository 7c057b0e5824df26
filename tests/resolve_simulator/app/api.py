"""What every scriptable object is: an owner of documented calls, known to clients by a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

Method = TypeVar("Method", bound=Callable[..., Any])


def call(name: str, *, since: tuple[int, ...] = (0,)) -> Callable[[Method], Method]:
    """Make a method one that scripts can call by `name`, from the version `since` on."""

    def mark(method: Method) -> Method:
        method.__dict__.update(api_name=name, since=since)
        return method

    return mark


class ApiObject:
    """A scriptable object. The name of its class is its name in the documentation."""

    CALLS: ClassVar[dict[str, tuple[str, tuple[int, ...]]]] = {}

    def __init_subclass__(cls) -> None:
        marked = ((each, vars(cls)[each]) for each in vars(cls))
        cls.CALLS = {
            value.api_name: (attribute, value.since) for attribute, value in marked if hasattr(value, "api_name")
        }

    def __init__(self, world: World) -> None:
        self.world = world
        self.ref = world.registry.add(self)
        self.unique_id = f"{self.ref:08x}-51a1-4000-8000-000000000000"

    def calls(self) -> list[str]:
        """Return the names that this version has."""
        return [name for name, (_, since) in self.CALLS.items() if since <= self.world.version]

    def run(self, name: str, args: list[Any]) -> Any:
        """Do one call. Raises TypeError where the arguments do not fit."""
        return getattr(self, self.CALLS[name][0])(*args)
