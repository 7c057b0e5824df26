"""How events name those who act."""

PREFIX = "executor/"


def executor_actor(name: str) -> str:
    """Return who acts when the executor of this name does."""
    return f"{PREFIX}{name}"


def executor_name(actor: str) -> str | None:
    """Return the name of the executor that acted, None when somebody else did."""
    return actor.removeprefix(PREFIX) if actor.startswith(PREFIX) else None
