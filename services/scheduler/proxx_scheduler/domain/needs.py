"""What a waiting step asks of the executor that takes it, and of the site."""

from dataclasses import dataclass
from functools import lru_cache

from proxx.core.canonical import digest

ANY_ENGINE = "any"
"""The engine of steps that finish what was begun (PUBLISH, SWEEP): every executor can do them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Steps with the same needs are the same to every executor. `planner_version` is that of the plan, if it has one.

    `resources` are the names of the site's resources of which the step takes one each while it is leased; `staging` is
    the root whose staging budget may hold it back, "" when none does.
    """

    engine: str
    roots: tuple[str, ...]
    planner_version: int | None
    resources: tuple[str, ...] = ()
    staging: str = ""

    @property
    def key(self) -> str:
        """32 hexadecimal characters that stand for these needs."""
        return _key(self)

    @property
    def finishes(self) -> bool:
        """Whether such steps only finish what was begun: limits of queues do not hold them back."""
        return self.engine == ANY_ENGINE

    def met_by(self, *, engine: str, roots: frozenset[str], planner_version: int) -> bool:
        """Whether an executor mounts every root, plans as it was planned, and is of the engine."""
        if self.planner_version not in (None, planner_version):
            return False
        return self.engine in (ANY_ENGINE, engine) and roots.issuperset(self.roots)


@lru_cache(maxsize=4096)
def _key(needs: Needs) -> str:
    parts: dict[str, object] = {
        "engine": needs.engine,
        "roots": sorted(needs.roots),
        "planner_version": needs.planner_version,
        "resources": sorted(needs.resources),
    }
    if needs.staging:  # absent where there is none: the keys of steps that were queued before budgets stay
        parts["staging"] = needs.staging
    return digest(parts)[:32]
