"""Which results stand in a JobSpec folder, as one look at its directories found them."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx_watcher.domain.spec_names import result_name


@dataclass(frozen=True, slots=True)
class ResultStamps:
    """The inodes of the results by name, one mapping for each directory that holds results."""

    directories: tuple[Mapping[str, int], ...]

    def of(self, name: str) -> tuple[int | None, ...]:
        """Return something that changes when a result of a spec of this name comes or goes."""
        return tuple(names.get(result_name(name)) for names in self.directories)
