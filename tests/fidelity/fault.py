"""A seeded fault: a scene, what a broken tool does to its proxy, and which checks must catch it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.fidelity.case import Case
from tests.fidelity.outcome import Outcome
from tests.fidelity.scene import Scene

Attempt = Callable[[Case], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`name` is unique and says what is wrong. `caught_by` must be among what catches it.

    Nothing catches a fault without `caught_by` today; `needs` then says what would. `short` puts it in the short run.
    """

    name: str
    scene: Scene
    attempt: Attempt
    caught_by: tuple[str, ...]
    needs: str = ""
    short: bool = False

    def __post_init__(self) -> None:
        """Refuse a fault that is neither caught nor explained.

        Raises:
            ValueError: both or neither of `caught_by` and `needs` are given.
        """
        if bool(self.caught_by) == bool(self.needs):
            raise ValueError(f"{self.name}: give either what catches it or what it would need")
