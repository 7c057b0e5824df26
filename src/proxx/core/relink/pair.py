"""What is compared: a source and its proxy, measured, with their paths as the submitter spells them."""

from dataclasses import dataclass
from pathlib import PurePath

from proxx.core.facts import MediaFacts, VideoFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A source and its proxy. Both have a video track; `*_video` is it."""

    source: MediaFacts
    proxy: MediaFacts
    source_video: VideoFacts
    proxy_video: VideoFacts
    source_path: PurePath
    output_path: PurePath
