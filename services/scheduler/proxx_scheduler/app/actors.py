"""How events name those who act."""

from collections.abc import Mapping

PREFIX = "executor/"
IDENTITY = "identity"
"""The entry of an event's data that names the identity behind its executor."""


def executor_actor(name: str) -> str:
    """Return who acts when the executor of this name does."""
    return f"{PREFIX}{name}"


def executor_name(actor: str) -> str | None:
    """Return the name of the executor that acted, None when somebody else did."""
    return actor.removeprefix(PREFIX) if actor.startswith(PREFIX) else None


def recorded(data: Mapping[str, object], *, actor: str, identity: str) -> Mapping[str, object]:
    """Return the data of an event as it is recorded: an executor's names the identity behind it, if it has one."""
    return {**data, IDENTITY: identity} if identity and actor.startswith(PREFIX) else data
