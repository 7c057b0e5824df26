import math

import pytest

from proxx.api.jobs.v1 import jobspec_pb2
from proxx.rpc.jobspec_mapping import plain_to_spec, spec_to_plain
from proxx.rpc.mapping_errors import UnmappableValueError
from tests.unit.rpc.values import SPEC


def test_canonical_spec_survives_the_wire():
    message = jobspec_pb2.JobSpec()
    plain_to_spec(SPEC, message)
    assert spec_to_plain(jobspec_pb2.JobSpec.FromString(message.SerializeToString())) == SPEC


def test_nothing_stated_is_nothing_in_the_plain_form():
    assert spec_to_plain(jobspec_pb2.JobSpec()) == {}


def test_empty_required_strings_count_as_absent():
    assert spec_to_plain(jobspec_pb2.JobSpec(jobspec_version="2.1", codec="", sources=[])) == {"jobspec_version": "2.1"}


def test_fields_with_presence_are_kept_even_when_empty():
    message = jobspec_pb2.JobSpec(job_id="", fps_explicit=0.0)
    assert spec_to_plain(message) == {"job_id": "", "fps_explicit": 0}


def test_empty_source_is_kept_for_the_parser_to_report():
    assert spec_to_plain(jobspec_pb2.JobSpec(sources=["/a.mov", ""])) == {"sources": ["/a.mov", ""]}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param(25, 25, id="whole"),
        pytest.param(25.0, 25, id="whole float"),
        pytest.param(23.976, 23.976, id="not whole"),
    ],
)
def test_rate_comes_back_as_the_canonical_number(written, read):
    message = jobspec_pb2.JobSpec()
    plain_to_spec({"fps_explicit": written}, message)
    rate = spec_to_plain(message)["fps_explicit"]
    assert (rate, type(rate)) == (read, type(read))


def test_rate_that_is_no_number_reaches_the_parser():
    assert math.isnan(spec_to_plain(jobspec_pb2.JobSpec(fps_explicit=math.nan))["fps_explicit"])


def test_none_counts_as_absent_on_the_way_out():
    message = jobspec_pb2.JobSpec()
    plain_to_spec({"job_id": None, "codec": "h264"}, message)
    assert spec_to_plain(message) == {"codec": "h264"}


@pytest.mark.parametrize(
    ("plain", "path"),
    [
        pytest.param({"lut": "x"}, "lut", id="field that the message lacks"),
        pytest.param({"sources": "/a.mov"}, "sources", id="string for a list"),
        pytest.param({"sources": [1]}, "sources", id="number in a list of strings"),
        pytest.param({"codec": 264}, "codec", id="number for a string"),
        pytest.param({"user_metadata": []}, "user_metadata", id="list for an object"),
        pytest.param({"user_metadata": {"take": 3}}, "user_metadata", id="number in an object of strings"),
        pytest.param({"fps_explicit": "25"}, "fps_explicit", id="string for a number"),
    ],
)
def test_object_that_is_no_spec_is_refused_by_field(plain, path):
    with pytest.raises(UnmappableValueError) as caught:
        plain_to_spec(plain, jobspec_pb2.JobSpec())
    assert caught.value.path == path
