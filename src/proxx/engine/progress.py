"""FFmpeg's `-progress` output as progress: blocks of key=value lines, each ended by `progress=continue` or `=end`."""

from proxx.core.steps import Progress

KEPT_KEYS = frozenset({"frame", "fps", "speed"})


class ProgressParser:
    """Reads lines as they come. What is missing or says N/A keeps its last value; FFmpeg's word is never an error."""

    def __init__(self, *, expected_frames: int) -> None:
        """Take how many frames the plan expects; the fraction is measured against them."""
        self._expected = expected_frames
        self._values: dict[str, float] = {}

    def feed(self, line: str) -> Progress | None:
        """Take one line; return the progress at the end of a block, else None."""
        key, _, text = line.strip().partition("=")
        if key == "progress":
            return self._progress()
        if key in KEPT_KEYS and (number := _number(text)) is not None:
            self._values[key] = number
        return None

    def _progress(self) -> Progress:
        frames = int(self._values.get("frame", 0))
        fps = self._values.get("fps", 0.0)
        left = max(self._expected - frames, 0)
        return Progress(
            fraction=min(frames / self._expected, 1.0) if self._expected > 0 else 0.0,
            frames=frames,
            fps=fps,
            speed=self._values.get("speed", 0.0),
            eta_seconds=left / fps if fps > 0 else None,
        )


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().removesuffix("x"))
    except ValueError:
        return None
    return number if 0 <= number < 1e15 else None
