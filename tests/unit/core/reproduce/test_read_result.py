"""A result JSON comes back as what reproduction needs of it; what is damaged is named, all of it."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.facts import SourceIdentity, TimecodeFacts
from proxx.core.reproduce import RecordedClip, ResultInvalidError, clip_spec, read_result
from proxx.core.result_json import job_result_document, json_text
from tests.fakes.media_facts import FACTS
from tests.unit.cli import samples

START = TimecodeFacts(label="01:00:00;02", drop_frame=True, rate=Fraction(30000, 1001), origin="tmcd")


def document():
    clips = (samples.clip(0, output_facts=replace(FACTS, timecode=START)), samples.clip(1))
    return job_result_document(result=samples.result(clips=clips))


def changed(**changes):
    """The document with other values in its first clip."""
    result = document()
    result["clips"][0] = {**result["clips"][0], **changes}
    return json.dumps(result)


def test_what_proxx_writes_is_read_back():
    result = read_result(text=json_text(document()))

    assert (result.schema_version, result.job_id, result.job_key) == ("1.0", samples.JOB_ID, samples.KEY)
    assert result.jobspec == samples.spec()
    assert result.clips[0] == RecordedClip(
        clip_index=0,
        source_path="/footage/A001.mov",
        output_path="/proxies/A001_proxy.mov",
        status="COMPLETED",
        engine="ffmpeg",
        output_sha256="b" * 64,
        profile_digest="1" * 64,
        plan_digest="2" * 64,
        planner_version=1,
        command=("ffmpeg", "-i", "/footage/A001.mov", "/proxies/A001_proxy.mov"),
        toolchain=samples.TOOLCHAIN,
        source_identity=SourceIdentity(
            path="/footage/A001.mov", size_bytes=1000, mtime_ns=5, inode=7, edge_sha256="3" * 64
        ),
        timecode=START,
    )
    assert result.clips[1].timecode is None
    assert result.clips[0].published


def test_fields_of_a_later_minor_version_are_left_alone():
    later = document() | {"schema_version": "1.7", "mood": "good"}
    later["clips"][0]["toolchain"]["kernel"] = "6.1"

    assert read_result(text=json.dumps(later)).clips[0].toolchain == samples.TOOLCHAIN


def test_a_result_from_before_libraries_were_recorded_is_read():
    old = document()
    del old["clips"][0]["toolchain"]["libraries"]

    assert read_result(text=json.dumps(old)).clips[0].toolchain == replace(samples.TOOLCHAIN, libraries={})


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("[]", ("expected an object, got an array",), id="no object"),
        pytest.param("{}", ('schema_version: expected "1.x", got null',), id="no version"),
        pytest.param(
            json.dumps(document() | {"jobspec": None, "clips": None}),
            ("jobspec: expected an object, got null: no job was made", "clips: expected an array, got null"),
            id="refused JobSpec",
        ),
        pytest.param(
            changed(source_path=3, output_sha256="zz", engine_command="ffmpeg", clip_index=True),
            (
                'clips[0].output_sha256: expected 64 hex characters, got the string "zz"',
                "clips[0].clip_index: expected a whole number from 0, got true",
                "clips[0].source_path: expected a string, got the number 3",
                'clips[0].engine_command: expected an array of strings, got the string "ffmpeg"',
            ),
            id="several",
        ),
        pytest.param(changed(clip_index=1), ("clips: two clips have one clip_index",), id="index twice"),
        pytest.param(
            changed(source_identity={"path": "x", "size_bytes": "1"}),
            ("clips[0].source_identity: expected int, got str",),
            id="identity",
        ),
        pytest.param(
            changed(output_facts={"timecode": {"label": "x", "drop_frame": False, "rate": "1/0", "origin": ""}}),
            ("clips[0].output_facts.timecode: expected a fraction as numerator/denominator",),
            id="rate",
        ),
    ],
)
def test_every_problem_is_named(text, problems):
    with pytest.raises(ResultInvalidError) as caught:
        read_result(text=text)

    assert caught.value.problems == problems


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda of: (
            st.lists(of)
            | st.dictionaries(
                st.sampled_from(
                    ["schema_version", "clips", "jobspec", "clip_index", "toolchain", "output_facts", "timecode"]
                ),
                of,
            )
        ),
    )
)
def test_any_json_is_read_or_refused(value):
    text = json.dumps({"schema_version": "1.0", "clips": [value], "jobspec": {}} if value else value)

    with pytest.raises(ResultInvalidError):
        read_result(text=text)


def test_the_spec_of_one_clip_keeps_all_but_job_id_sources_and_directory():
    result = read_result(text=json_text(document()))

    spec = clip_spec(result=result, clip=result.clips[1], output_directory="/scratch/1")

    expected = {**samples.spec(), "sources": ["/footage/A002.mov"], "output_directory": "/scratch/1"}
    del expected["job_id"]
    assert spec == expected
