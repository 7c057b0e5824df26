"""What came of a campaign."""

from collections import Counter
from dataclasses import dataclass, field

from tests.resolve.campaign.watch import Sample


@dataclass
class Outcome:
    """Counts. `ends` is (switch, outcome); `wrong` are sentences that begin with the number of their render."""

    renders: int = 0
    jobs: int = 0
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    job_ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
