"""What a caller may do, in five words."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """A right that the access file gives to an identity. REPLICA is for schedulers among each other."""

    VIEWER = "viewer"
    SUBMITTER = "submitter"
    OPERATOR = "operator"
    EXECUTOR = "executor"
    REPLICA = "replica"


INCLUDED: Mapping[Role, frozenset[Role]] = {
    Role.VIEWER: frozenset({Role.VIEWER}),
    Role.SUBMITTER: frozenset({Role.SUBMITTER, Role.VIEWER}),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.SUBMITTER, Role.VIEWER}),
    Role.EXECUTOR: frozenset({Role.EXECUTOR}),
    Role.REPLICA: frozenset({Role.REPLICA}),
}
"""Each role with those that it brings along."""
