"""One clip of several files."""

from dataclasses import dataclass

from proxx.core.units.unit_kind import UnitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipUnit:
    """One clip: where it is shown, its media files in clip order, its sidecars, and the file that a JobSpec names.

    Paths are those that were given. `missing` says which file is still to come, or is lost: a gap in the numbers, a
    sidecar that belongs to the clip. `refusal` says why no JobSpec can name it; its files then make no job, and
    `source` is empty.
    """

    kind: UnitKind
    path: str
    parts: tuple[str, ...]
    sidecars: tuple[str, ...] = ()
    source: str = ""
    missing: str = ""
    refusal: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the clip, the sidecars last."""
        return (*self.parts, *self.sidecars)
