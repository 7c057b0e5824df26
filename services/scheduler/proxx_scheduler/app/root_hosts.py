"""Roots that are bound to hosts: only the executors named for such a root get its work, whoever mounts one of its name.

Two machines may each have a local disk under one name; bound, the one of the other machine is never taken for it.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from proxx.core.leases import ExecutorDescription
from proxx_scheduler.app.errors import ExecutorInvalidError

RootHosts = Mapping[str, frozenset[str]]
"""Names of executors by the name of a root that is bound to them; a root that is shared is not in it."""

SHARED: RootHosts = MappingProxyType({})
"""Every root is."""


def as_bound(*, description: ExecutorDescription, hosts: RootHosts) -> ExecutorDescription:
    """Return the description without the roots that are bound to other executors.

    Raises:
        ExecutorInvalidError: no root is left.
    """
    name = description.name
    roots = tuple(root for root in description.roots if root not in hosts or name in hosts[root])
    if not roots:
        said = ", ".join(f"{root} to {' and '.join(sorted(hosts[root]))}" for root in description.roots)
        raise ExecutorInvalidError(field="roots", message=f"every root of {name} is bound to other executors: {said}")
    return description if roots == description.roots else replace(description, roots=roots)
