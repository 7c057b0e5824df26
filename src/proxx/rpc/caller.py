"""Who makes the call that is being served."""

from contextvars import ContextVar
from typing import Any

from proxx.core.access import Identity

_caller: ContextVar[Identity] = ContextVar("proxx_caller")


def caller(context: Any) -> Identity:  # noqa: ARG001  handlers say whose call they mean
    """Return the identity of the call that the running handler serves; OPEN where the listener asks nobody.

    Raises:
        LookupError: no call is being served here: nobody was looked at, so nobody is let through.
    """
    return _caller.get()


def serve_as(identity: Identity) -> None:
    """Say who makes the call that the running task serves from here on. The interceptor alone does."""
    _caller.set(identity)


def known_caller() -> str:
    """Return the name of who makes the call that the running task serves, "" where nobody was recognised."""
    identity = _caller.get(None)
    return "" if identity is None else identity.name
