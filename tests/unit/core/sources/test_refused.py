"""A detection that is taken back keeps what was found and says the new reason, whatever its old sentence holds."""

from proxx.core.detection import DetectionReason, Engine
from proxx.core.sources.refused import refused
from tests.unit.core.sources import headers
from tests.unit.core.sources import media_bytes as made


def test_the_fault_replaces_the_whole_sentence_although_the_proof_of_arriraw_has_colons() -> None:
    header = next(header for header in headers.HEADERS if header.title == "ARRIRAW MXF 12 bits packed")
    found = made.detected(header.name, header.data)
    assert (found.engine, ": " in found.detail.partition("proven")[2]) == (Engine.RESOLVE, True)
    taken_back = refused(detection=found, reason=DetectionReason.CONTRADICTION, fault="it is not", action="Look.")
    entry = f"{header.name}: container mxf, codec arriraw ({found.sample_entry})"
    assert taken_back.detail == f"{entry}: it is not."
    assert (taken_back.engine, taken_back.codec, taken_back.action) == (None, "arriraw", "Look.")
