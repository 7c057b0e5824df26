"""What a waiting step asks of the executor that takes it, and of the site."""

from dataclasses import dataclass
from functools import lru_cache

from proxx.core.canonical import digest
from proxx_scheduler.domain.ordering import Account

ANY_ENGINE = "any"
"""The engine of steps that finish what was begun (PUBLISH, SWEEP): every executor can do them."""

EITHER_ENGINE = "either"
"""The engine of steps that begin something and that every executor can do (PROBE): each of them has the prober."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Steps with the same needs are the same to every executor. `planner_version` is that of the plan, if it has one.

    `resources` are the names of the site's resources of which the step takes one each while it is leased; `staging` is
    the root whose staging budget may hold it back, "" when none does. `codec` is the pair that the executor's Resolve
    must encode, "" when none is asked for; `avoid` are the names of executors that may not have it, as their engine was
    unavailable when they had it before.
    """

    engine: str
    roots: tuple[str, ...]
    planner_version: int | None
    resources: tuple[str, ...] = ()
    staging: str = ""
    codec: str = ""
    avoid: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """32 hexadecimal characters that stand for these needs."""
        return _key(self)

    @property
    def finishes(self) -> bool:
        """Whether such steps only finish what was begun: limits of queues do not hold them back."""
        return self.engine == ANY_ENGINE

    @property
    def probes(self) -> bool:
        """Whether such steps are PROBEs. Those queued before every engine could do them name FFmpeg, and no plan."""
        return self.engine == EITHER_ENGINE or (self.engine == "ffmpeg" and self.planner_version is None)

    def account(self, *, probe_slots: int) -> Account:
        """Return what such a step takes of an executor with so many places for PROBEs beside its slots."""
        return Account.PROBES if self.probes and probe_slots > 0 else Account.SLOTS

    @property
    def open_to_all(self) -> bool:
        """Whether executors of every engine can do such steps."""
        return self.engine in (ANY_ENGINE, EITHER_ENGINE)

    def met_by(
        self,
        *,
        engine: str,
        roots: frozenset[str],
        planner_version: int,
        codecs: frozenset[str] = frozenset(),
        name: str = "",
    ) -> bool:
        """Whether an executor mounts every root, plans as it was planned, is of the engine and encodes the pair.

        A Resolve executor that names no pair has no Resolve that answers: it is offered only what any engine does.
        """
        if self.planner_version not in (None, planner_version) or name in self.avoid:
            return False
        if self.codec and self.codec not in codecs:
            return False
        if self.engine == "resolve" and not codecs:
            return False
        return (self.open_to_all or self.engine == engine) and roots.issuperset(self.roots)


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
    if needs.codec:
        parts["codec"] = needs.codec
    if needs.avoid:
        parts["avoid"] = sorted(needs.avoid)
    return digest(parts)[:32]
