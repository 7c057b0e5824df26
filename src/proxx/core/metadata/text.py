"""A report as lines for people: what an assistant editor wants to know, in the order in which it is asked."""

from collections.abc import Iterator

from proxx.core.metadata.numbers import clock_text, rate_text, ratio_text
from proxx.core.metadata.report import Action, AudioReport, GopType, ImageReport, MetadataReport, TimeReport

_FIELDS = {
    "PROGRESSIVE": "progressive",
    "TOP_FIRST": "interlaced, top first",
    "BOTTOM_FIRST": "interlaced, bottom first",
}
_ACTIONS = {Action.PROXY: "make a proxy", Action.PROXY_OPTIONAL: "proxy optional", Action.SKIP: "leave out"}
_GOPS = {GopType.INTRA: "intra", GopType.LONG: "long GOP"}
_FRIENDLY = {True: "good as it is", False: "better with a proxy", None: "cannot be told"}


def report_lines(report: MetadataReport) -> tuple[str, ...]:
    """Return the report as text, one heading and indented lines. Strangers' text is in it: the writer makes it safe."""
    lines = (f"  {name:<10}{text}" for name, text in _pairs(report) if text)
    return (report.identity.path, *lines)


def _pairs(report: MetadataReport) -> Iterator[tuple[str, str]]:
    flags = report.flags
    yield "supported", f"yes, by {flags.engine}" if flags.supported else f"no: {flags.skip_reason}"
    yield "codec", _codec(report)
    if report.image.width is not None:
        yield "picture", _picture(report.image)
        yield "length", _length(report.time)
        yield "timecode", _timecode(report.time)
    if report.audio is not None:
        yield "audio", _audio(report.audio)
    if report.image.width is not None:
        because = "; ".join(reason.message for reason in report.editorial.reasons)
        yield "editing", _FRIENDLY[report.editorial.friendly] + (f": {because}" if because else "")
    yield "advice", _advice(report)
    said = {reason.message for reason in report.editorial.reasons}
    for warning in flags.warnings:
        if warning not in said:
            yield "warning", warning


def _codec(report: MetadataReport) -> str:
    codec, name = report.codec, report.codec.codec
    if name is None:
        return f"unknown, in {codec.container}" if codec.container is not None else ""
    if codec.profile is not None:
        repeats = codec.profile.lower().startswith(name)
        name = codec.profile if repeats else f"{name} {codec.profile}"
    gop = f", {_GOPS[codec.gop]}" if codec.gop is not None else ""
    return f"{name} in {codec.container or 'an unknown container'}{gop}"


def _picture(image: ImageReport) -> str:
    parts = [f"{image.width}x{image.height}"]
    if image.aspect_ratio is not None:
        turned = f" (turned {image.rotation} degrees clockwise)" if image.rotation else ""
        parts.append(f"shown {ratio_text(image.aspect_ratio)}{turned}")
    if image.pixel_aspect not in (None, 1):
        parts.append(f"pixels {ratio_text(image.pixel_aspect)}")
    depth = f"{image.bit_depth}-bit" if image.bit_depth is not None else ""
    sampling = image.chroma_subsampling or image.colour_model or ""
    parts += [text for text in (f"{depth} {sampling}".strip(),) if text]
    parts += ["alpha"] if image.has_alpha else []
    parts.append(_FIELDS.get(image.field_order or "", "field order not stated"))
    return ", ".join(parts)


def _length(time: TimeReport) -> str:
    parts = [clock_text(time.duration)] if time.duration is not None else ["length not stated"]
    parts += [f"{time.frame_count} frames"] if time.frame_count is not None else []
    if time.frame_rate is not None:
        rate = rate_text(time.frame_rate)
        parts.append(f"varying rate, {rate} fps on average" if time.variable_frame_rate else f"{rate} fps")
    return ", ".join(parts)


def _timecode(time: TimeReport) -> str:
    if time.start_timecode is None:
        return "none" + (f"; reel {time.reel_name}" if time.reel_name is not None else "")
    kind = "drop-frame" if time.drop_frame else "non-drop"
    return f"{time.start_timecode} {kind}" + (f"; reel {time.reel_name}" if time.reel_name is not None else "")


def _audio(audio: AudioReport) -> str:
    if not audio.track_count:
        return "none"
    tracks = "1 track" if audio.track_count == 1 else f"{audio.track_count} tracks"
    alike = len(set(audio.channels)) == 1
    count = str(audio.channels[0]) if alike else " + ".join(map(str, audio.channels))
    channels = f"of {count} channel" if count == "1" else f"of {count} channels"
    rate = f"{audio.sample_rate} Hz" if audio.sample_rate is not None else "different sample rates"
    return f"{tracks} {channels}, {rate}"


def _advice(report: MetadataReport) -> str:
    advice = report.recommendation
    if advice is None:
        return ""
    if advice.action is Action.SKIP:
        return _ACTIONS[advice.action]
    size = f" at resolution {advice.resolution}" if advice.resolution is not None else ""
    return f"{_ACTIONS[advice.action]}, {' or '.join(advice.profiles)}{size}: {advice.reason}"
