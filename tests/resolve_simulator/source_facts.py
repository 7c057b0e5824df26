"""What the simulator takes a source file to be: no decoder reads the synthetic camera files of the tests."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SUFFIX = ".sim.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """One source. `rate` is a rational as text, `audio` the channels of each track, `reel` may be empty.

    `properties` go over the clip properties that follow from the rest.
    """

    rate: str = "24/1"
    frames: int = 8
    width: int = 256
    height: int = 144
    timecode: str = "01:00:00:00"
    drop: bool = False
    audio: tuple[int, ...] = (2,)
    audio_rate: int = 48000
    audio_codec: str = "Linear PCM"
    reel: str = ""
    format: str = "R3D"
    codec: str = "R3D"
    properties: dict[str, str] = field(default_factory=dict)

    def write(self, source: Path) -> Path:
        """Write it beside `source`, where the simulator looks for it, and return that path."""
        path = source.with_name(source.name + SUFFIX)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


def facts_of(raw: dict[str, Any]) -> SourceFacts:
    """Return the facts that a sidecar or a probe gave. Raises TypeError for a key that is no fact."""
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return SourceFacts(**values)


def sidecar_facts(source: Path) -> SourceFacts | None:
    """Return what the test wrote beside `source`, or None where it wrote nothing."""
    path = source.with_name(source.name + SUFFIX)
    return facts_of(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
