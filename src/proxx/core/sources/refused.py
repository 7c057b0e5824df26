"""A detection that named an engine, taken back: the same container and codec, and another reason."""

from dataclasses import replace

from proxx.core.detection import Detection, DetectionReason


def refused(*, detection: Detection, reason: DetectionReason, fault: str, action: str) -> Detection:
    """Return the detection without its engine; the fault, one clause, stands where its sentence stood."""
    entry = f" ({detection.sample_entry})" if detection.sample_entry is not None else ""
    facts = f": container {detection.container or 'unknown'}, codec {detection.codec or 'unknown'}{entry}: "
    name, _, _ = detection.detail.partition(facts)
    return replace(detection, engine=None, reason=reason, detail=f"{name}{facts}{fault}.", action=action)
