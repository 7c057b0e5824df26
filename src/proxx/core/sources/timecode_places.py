"""Every place of a file that may state a start timecode or a reel name, in the order in which they are believed.

QuickTime and MP4: the timecode track, a tag of the video track, of another track, of the file; then what cameras and
editors write beside the tracks. MXF: the material package (what the file plays), the source package (what it was taken
from), further timecode components. Matroska and the others: a tag of the video track, of another track, of the file.
"""

import re

from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.camera_xml import panasonic_label
from proxx.core.sources.reading import StatedLabel, printable

PANASONIC_TAG = "com.panasonic.semi-pro.metadata.xml"
REEL_TAGS = ("reel_name", "com.apple.proapps.reel", "com.arri.camera.reelname")
"""Tags that hold a reel name, best first; names are compared in lower case."""

_UMID = re.compile(r"0x060a2b34[0-9a-f]*", re.IGNORECASE)


def stated_labels(
    *,
    container: str,
    video: values.Record,
    streams: tuple[values.Record, ...],
    form: values.Record,
    stated: tuple[StatedLabel, ...],
) -> tuple[StatedLabel, ...]:
    """Return every label that the file states, best first. `stated` are those that we read ourselves."""
    tracks = [stream for stream in streams if values.text(source=stream, key="codec_tag_string") == "tmcd"]
    others = [stream for stream in streams if stream is not video and stream not in tracks]
    if container == "mxf":
        placed = [(form, "material package"), *((stream, "source package") for stream in (video, *others))]
    else:
        # ffprobe repeats the label of a timecode track on the tracks that refer to it.
        placed = [
            (video, "tmcd" if tracks else "stream tag"),
            *((stream, "tmcd") for stream in tracks),
            *((stream, "stream tag") for stream in others),
            (form, "container tag"),
        ]
    labels = [
        StatedLabel(text=text.strip(), origin=origin, counts=_counts(text.strip(), stated))
        for source, origin in placed
        if (text := values.tag(source=source, name="timecode")) is not None
    ]
    camera = values.tag(source=form, name=PANASONIC_TAG)
    panasonic = panasonic_label(text=camera) if camera is not None else None
    return (*labels, *((panasonic,) if panasonic is not None else ()), *stated)


def disagreements(*, labels: tuple[StatedLabel, ...]) -> list[str]:
    """Return a warning for each place that says another label than the first, both named."""
    first = labels[0]
    seen = {_normal(first.text)}
    warnings: list[str] = []
    for other in labels[1:]:
        if _normal(other.text) in seen:
            continue
        seen.add(_normal(other.text))
        warnings.append(
            f"the start timecode is {printable(text=first.text)} by the {_named(first)} and "
            f"{printable(text=other.text)} by the {_named(other)}; the {_named(first)} is used"
        )
    return warnings


def reel_name(*, sources: tuple[values.Record, ...], stated: tuple[str, ...]) -> str | None:
    """Return the reel name that the file states, None when it states none. A UMID in its place names no reel."""
    tagged = (values.tag(source=source, name=tag) for tag in REEL_TAGS for source in sources)
    for name in (*tagged, *stated):
        if name is not None and name.strip() and not _UMID.fullmatch(name.strip()):
            return printable(text=name)
    return None


def _counts(text: str, stated: tuple[StatedLabel, ...]) -> int | None:
    """Return what our own reading of the same label says that it counts."""
    return next((label.counts for label in stated if _normal(label.text) == _normal(text)), None)


def _normal(text: str) -> str:
    return text.replace(".", ";").replace(",", ";")


def _named(label: StatedLabel) -> str:
    return "timecode track (tmcd)" if label.origin == "tmcd" else label.origin
