"""Every source with every way, and the pairs among them that cannot be, with the planner's reason."""

from dataclasses import dataclass

from tests.footage.recipe import Recipe
from tests.witness.sources import SOURCES
from tests.witness.way import WAYS, Way

REFUSED = {
    "alpha": ("the frame rate 24/1 is not one that can be written",),
    "turned by 90 degrees": ("the frame rate 30/1 is not one that can be written",),
    "a phone's 29.99": ("the frame rate 90000/3001 is not one that can be written",),
    "pixel aspect 4/3, tracks of 2, 1 and 6 channels": ("its pixels are not square",),
}
"""What the planner may answer instead of a plan: DNxHD has no 30 fps, at 720p no 24, FFmpeg's MXF no pixel aspect."""

_SHORT_STEP = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One proxy to make."""

    source: str
    recipe: Recipe
    way: Way

    @property
    def name(self) -> str:
        """For test ids and messages."""
        return f"{self.source}: {self.way.name}"


CASES = tuple(Case(source=source, recipe=recipe, way=way) for way in WAYS for source, recipe in SOURCES.items())
SHORT_CASES = tuple(
    Case(source=source, recipe=recipe, way=way)
    for row, way in enumerate(WAYS)
    for column, (source, recipe) in enumerate(SOURCES.items())
    if (row + column) % _SHORT_STEP == 0
)
"""One or two sources for each way, every ninth way for each source."""
