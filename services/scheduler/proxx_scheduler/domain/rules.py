"""What the site says about its queues and resources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from proxx.core.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRule:
    """A queue's share beside the others in its priority class, and how many of its steps may run (None: no limit)."""

    weight: int = 1
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something of which the site has `count`, for example licences, and the engines and profiles that take one."""

    name: str
    count: int
    engines: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Queues by name; one that is not among them has weight 1 and no limit. Resources by name.

    `budgets` has, by the name of the root, how many bytes may be staged there ahead of the heads of jobs.
    """

    queues: Mapping[str, QueueRule] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)

    def weight(self, queue: str) -> int:
        """Return the weight of a queue."""
        rule = self.queues.get(queue)
        return 1 if rule is None else rule.weight

    @property
    def limits(self) -> Mapping[str, int]:
        """The queues that have a limit."""
        return {name: rule.limit for name, rule in self.queues.items() if rule.limit is not None}

    @property
    def bounded(self) -> bool:
        """Whether the end of one step can make room for another that waits."""
        return bool(self.resources) or bool(self.limits) or bool(self.budgets)

    @property
    def resources_digest(self) -> str:
        """A digest of what decides which resources an encode takes."""
        users = {name: [sorted(item.engines), sorted(item.profiles)] for name, item in self.resources.items()}
        return digest(users)

    def needed(self, *, engine: str, profile: str) -> tuple[str, ...]:
        """Return the names of the resources that an encode takes, in order."""
        return tuple(
            sorted(
                resource.name
                for resource in self.resources.values()
                if engine in resource.engines or profile in resource.profiles
            )
        )

    def fits(self, *, root: str, staged: int, expected: int) -> bool:
        """Whether a clip of `expected` bytes may be begun ahead of its job's head where `staged` bytes are taken.

        A root without a budget (any more) holds nothing back.
        """
        budget = self.budgets.get(root)
        return budget is None or staged + expected <= budget


NO_RULES = Rules()
"""A site that says nothing: every queue has weight 1, and nothing is limited."""


def full_queues(*, held: Mapping[str, int], rules: Rules) -> frozenset[str]:
    """Return the queues of which as many steps are leased (`held`) as may be."""
    return frozenset(queue for queue, limit in rules.limits.items() if held.get(queue, 0) >= limit)


def exhausted(*, taken: Iterable[str], rules: Rules) -> frozenset[str]:
    """Return the resources of which nothing is left. `taken` names the resource of every one that is held."""
    counts: dict[str, int] = {}
    for name in taken:
        counts[name] = counts.get(name, 0) + 1
    return frozenset(name for name, resource in rules.resources.items() if counts.get(name, 0) >= resource.count)
