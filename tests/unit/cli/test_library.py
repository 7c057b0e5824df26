"""The library surface: lazy, strict, and in the words of the result JSON."""

import subprocess
import sys

import pytest

import proxx
from proxx.core.jobs import JobState
from proxx.core.result_json import job_result_document
from proxx.embedded.execution_results import execution_result
from tests.unit.cli import samples

SPEC = {
    "sources": ["/footage/A001.mov", "/footage/A002.mov"],
    "output_directory": "/proxies",
    "codec": "prores_proxy",
    "container": "mov",
    "resolution": "1280x720",
    "fps_mode": proxx.FpsMode.SAME_AS_SOURCE,
    "naming_template": "{source_name}_proxy",
    "proxy_profile": "proxy_prores_proxy",
}


def test_every_published_name_is_there():
    assert all(getattr(proxx, name) is not None for name in proxx.__all__)
    assert sorted(proxx.__all__) == [
        "ClipExecutionResult",
        "FpsMode",
        "JobExecutionResult",
        "JobSpec",
        "JobSpecValidationError",
        "execute_multi_job_spec",
    ]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = proxx.nonsense


def test_importing_the_package_and_its_surface_starts_no_grpc():
    program = "import proxx, sys; proxx.JobSpec; proxx.execute_multi_job_spec; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0


def test_a_jobspec_survives_the_way_through_json_and_stays_of_the_librarys_kind():
    spec = proxx.JobSpec(**SPEC)
    back = proxx.JobSpec.from_json(spec.to_json())
    assert (back, type(back)) == (spec, proxx.JobSpec)
    assert type(proxx.JobSpec.from_dict(spec.to_dict())) is proxx.JobSpec


def test_a_sound_jobspec_validates_against_the_built_in_profiles():
    proxx.JobSpec(**SPEC).validate()


def test_validation_raises_every_violation_at_once():
    broken = proxx.JobSpec(**(SPEC | {"container": "mxf", "naming_template": "fixed"}))
    with pytest.raises(proxx.JobSpecValidationError) as caught:
        broken.validate()
    assert {"CODEC_CONTAINER", "NAMING_AMBIGUOUS"} <= {violation.code for violation in caught.value.violations}


def test_executing_a_broken_jobspec_starts_nothing():
    with pytest.raises(proxx.JobSpecValidationError):
        proxx.execute_multi_job_spec(proxx.JobSpec(**(SPEC | {"container": "mxf"})))


def typed(result):
    return execution_result(result=result, document=job_result_document(result=result))


def test_a_result_tells_its_outcome():
    result = typed(samples.result(JobState.PARTIAL, (samples.clip(0), samples.failed_clip(1))))
    assert (result.success, result.success_count, result.failed_count, result.total_clips) == (False, 1, 1, 2)
    assert (result.started_at, result.completed_at, result.duration_seconds) == (samples.START, samples.END, 12.5)
    assert [clip.success for clip in result.clips] == [True, False]
    assert result.clips[1].failure_reason == "FFmpeg exited with code 187"
    assert result.clips[0].ffmpeg_command == [
        "ffmpeg",
        "-i",
        "/footage/A001.mov",
        "/proxies/A001_proxy.mov",
    ]
    assert result.summary() == (
        "job 1a2b3c4d PARTIAL: 1 of 2 clips published, 1 failed\n/footage/A002.mov: FFmpeg exited with code 187"
    )


def test_to_dict_is_the_result_json_and_a_copy():
    found = samples.result()
    result = typed(found)
    result.to_dict()["clips"].clear()
    assert result.to_dict() == job_result_document(result=found)
    assert result.clips[0].to_dict() == job_result_document(result=found)["clips"][0]
