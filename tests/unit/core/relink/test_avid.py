"""Avid: every rule that can refuse or bend a relink, with expected and actual."""

from dataclasses import replace

import pytest

from proxx.core.relink import Effect, RelinkCertificate, RelinkReason, RelinkTarget, Strength, WillAttach
from tests.fakes.media_facts import FACTS
from tests.unit.core.relink.pairs import DNXHR_MXF, PRORES, certificates, findings, with_timecode


def test_quicktime_and_prores_are_no_media_of_a_clip_in_avid():
    assert certificates()[RelinkTarget.AVID] == RelinkCertificate(
        target=RelinkTarget.AVID,
        will_attach=WillAttach.NO,
        satisfied=("start_timecode", "reel_name", "frame_rate", "source_name"),
        reasons=(
            RelinkReason(
                rule="container",
                requirement="media of a clip is MXF; other files are linked as clips of their own",
                effect=Effect.BLOCKS,
                expected="mxf",
                actual="mov",
                strength=Strength.DOCUMENTED,
                source="DaVinci Resolve manual: MXF OP-Atom is usual for DNxHD",
            ),
            RelinkReason(
                rule="codec",
                requirement="the codec is DNxHD or DNxHR",
                effect=Effect.BLOCKS,
                expected="dnxhd, dnxhr",
                actual="prores",
                strength=Strength.DOCUMENTED,
                source="DaVinci Resolve manual: MXF OP-Atom is usual for DNxHD",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("source", "proxy", "answer", "reasons"),
    [
        pytest.param(
            FACTS,
            DNXHR_MXF,
            WillAttach.UNCERTAIN,
            [("op_atom", "DOUBT", "OP-Atom, one track a file", "picture and 1 audio track in one file")],
            id="DNxHR in MXF OP1a",
        ),
        pytest.param(
            replace(FACTS, audio=()),
            replace(DNXHR_MXF, audio=()),
            WillAttach.UNCERTAIN,
            [
                (
                    "op_atom",
                    "DOUBT",
                    "OP-Atom, one track a file",
                    "picture alone; the operational pattern is not read",
                )
            ],
            id="picture alone in MXF",
        ),
        pytest.param(
            FACTS,
            with_timecode(replace(DNXHR_MXF, reel_name="A002"), "10:00:01:00", origin="mxf"),
            WillAttach.NO,
            [
                ("start_timecode", "BLOCKS", "10:00:00:00 at 25/1", "10:00:01:00 at 25/1"),
                ("op_atom", "DOUBT", "OP-Atom, one track a file", "picture and 1 audio track in one file"),
                ("reel_name", "DOUBT", '"A001"', '"A002"'),
            ],
            id="another moment on another tape",
        ),
        pytest.param(
            FACTS,
            replace(DNXHR_MXF, video=replace(PRORES, codec="mpeg2video")),
            WillAttach.NO,
            [
                ("codec", "BLOCKS", "dnxhd, dnxhr", "mpeg2video"),
                ("op_atom", "DOUBT", "OP-Atom, one track a file", "picture and 1 audio track in one file"),
            ],
            id="another codec in MXF",
        ),
    ],
)
def test_avid(source, proxy, answer, reasons):
    certificate = certificates(source, proxy)[RelinkTarget.AVID]
    assert (certificate.will_attach, findings(certificate)) == (answer, reasons)
