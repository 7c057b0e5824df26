"""The JobSpec object: immutable, ordered, and the same after a round trip."""

import copy
import dataclasses
import json
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.canonical import canonical_json
from proxx.core.jobspec import (
    MAX_SOURCES,
    FpsMode,
    JobSpec,
    JobSpecValidationError,
    canonical_form,
    spec_digest,
    validate_spec,
)
from proxx.core.media_table import CODECS, CONTAINERS
from proxx.core.rate import RATE_TABLE
from tests.fakes.profiles import seed_library
from tests.fakes.specs import SEED_2_1, text_of

PATH = st.lists(
    st.text(
        st.characters(blacklist_characters="/%", blacklist_categories=["Cc", "Cs"]), min_size=1, max_size=12
    ).filter(lambda component: component not in (".", "..")),
    min_size=1,
    max_size=4,
).map(lambda components: "/" + "/".join(components))
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)

specs = st.builds(
    JobSpec,
    job_id=st.none() | st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
    created_at=st.none() | st.just("2025-12-29T10:00:00Z"),
    sources=st.lists(PATH, min_size=1, max_size=4),
    output_directory=PATH,
    codec=st.sampled_from(CODECS),
    container=st.sampled_from(CONTAINERS),
    resolution=st.sampled_from(["same", "half", "quarter", "1280x720"]),
    fps_mode=st.sampled_from(FpsMode),
    fps_explicit=st.none() | st.sampled_from(sorted(RATE_TABLE)),
    naming_template=TEXT.filter(bool),
    proxy_profile=TEXT.filter(bool),
    resolved_tokens=st.dictionaries(TEXT, TEXT, max_size=2),
    user_metadata=st.dictionaries(TEXT, TEXT, max_size=2),
)


def usage_example() -> JobSpec:
    """The usage example of seed 004, as printed."""
    return JobSpec(
        sources=[
            "/media/project/clip_001.mov",
            "/media/project/clip_002.mov",
        ],  # type: ignore[arg-type]
        output_directory="/media/project/proxies",
        codec="prores_proxy",
        container="mov",
        resolution="1280x720",
        fps_mode=FpsMode.SAME_AS_SOURCE,
        naming_template="{source_name}_proxy.{source_ext}",
    )


def test_the_usage_example_of_the_source_documents_becomes_a_spec_without_id_and_time() -> None:
    assert dataclasses.asdict(usage_example()) == {
        "jobspec_version": "2.1",
        "job_id": None,
        "created_at": None,
        "sources": ("/media/project/clip_001.mov", "/media/project/clip_002.mov"),
        "output_directory": "/media/project/proxies",
        "codec": "prores_proxy",
        "container": "mov",
        "resolution": "1280x720",
        "fps_mode": FpsMode.SAME_AS_SOURCE,
        "fps_explicit": None,
        "naming_template": "{source_name}_proxy.{source_ext}",
        "proxy_profile": "",
        "resolved_tokens": {},
        "user_metadata": {},
    }


def test_the_usage_example_is_valid_with_the_profile_that_later_became_required() -> None:
    example = dataclasses.replace(usage_example(), proxy_profile="proxy_prores_proxy")
    example.validate(library=seed_library())
    assert JobSpec.from_json(example.to_json()) == example


def test_without_a_profile_it_is_refused() -> None:
    with pytest.raises(JobSpecValidationError) as caught:
        usage_example().validate()
    assert [violation.message for violation in caught.value.violations] == ["proxy_profile is empty"]


def test_json_keys_stand_in_the_documented_order_and_absent_fields_are_left_out() -> None:
    full = dataclasses.replace(
        usage_example(), fps_mode=FpsMode.EXPLICIT, fps_explicit=23.976, resolved_tokens={"b": "2", "a": "1"}
    ).completed(job_id="0a1b2c3d", created_at="2025-12-29T10:00:00Z")
    assert [list(json.loads(text.to_json())) for text in (usage_example(), full)] == [
        [
            *("jobspec_version", "sources", "output_directory", "codec", "container", "resolution", "fps_mode"),
            *("naming_template", "proxy_profile"),
        ],
        [
            *("jobspec_version", "job_id", "created_at", "sources", "output_directory", "codec", "container"),
            *("resolution", "fps_mode", "fps_explicit", "naming_template", "proxy_profile", "resolved_tokens"),
        ],
    ]


@given(specs)
def test_a_spec_survives_json_and_dict_exactly(spec: JobSpec) -> None:
    again = JobSpec.from_json(spec.to_json())
    assert (again, JobSpec.from_dict(spec.to_dict()), again.to_json()) == (spec, spec, spec.to_json())


@given(specs)
def test_the_canonical_form_is_a_spec_of_the_same_canonical_form(spec: JobSpec) -> None:
    form = canonical_form(spec)
    assert canonical_form(JobSpec.from_dict(form)) == form


def test_nothing_in_a_spec_can_be_changed() -> None:
    metadata = {"a": "1"}
    spec = dataclasses.replace(usage_example(), user_metadata=metadata)
    metadata["a"] = "2"
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.codec = "h264"  # type: ignore[misc]
    with pytest.raises(TypeError, match="a JobSpec never changes"):
        spec.user_metadata["a"] = "3"  # type: ignore[index]
    with pytest.raises(TypeError, match="a JobSpec never changes"):
        spec.user_metadata.update(a="3")  # type: ignore[attr-defined]
    assert (dict(spec.user_metadata), isinstance(spec.sources, tuple)) == ({"a": "1"}, True)


@given(specs)
def test_a_spec_can_be_copied_and_pickled(spec: JobSpec) -> None:
    assert (copy.deepcopy(spec), pickle.loads(pickle.dumps(spec))) == (spec, spec)  # noqa: S301  our own bytes


def test_equal_specs_have_equal_hashes() -> None:
    assert len({usage_example(), usage_example()}) == 1


def test_completing_sets_what_is_absent_and_keeps_what_is_there() -> None:
    once = usage_example().completed(job_id="0a1b2c3d", created_at="2025-12-29T10:00:00Z")
    twice = once.completed(job_id="ffffffff", created_at="2026-01-01T00:00:00Z")
    assert (once.job_id, once.created_at, twice) == ("0a1b2c3d", "2025-12-29T10:00:00Z", once)


def test_the_mode_may_be_given_as_its_word() -> None:
    spec = JobSpec.from_dict({**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 24})
    assert (spec.fps_mode, spec.fps_explicit) == (FpsMode.EXPLICIT, 24)


def test_one_meaning_has_one_canonical_form() -> None:
    written = [
        JobSpec.from_dict({**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 23.98}),
        JobSpec.from_dict({**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 23.976, "user_metadata": {}}),
        JobSpec.from_dict({**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 24000 / 1001}),
        JobSpec.from_dict(
            {**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 23.976, "resolved_tokens": {"codec": "h264"}}
        ),
    ]
    assert {canonical_json(canonical_form(spec)) for spec in written} == {
        '{"codec":"h264","container":"mp4","fps_explicit":23.976,"fps_mode":"explicit","jobspec_version":"2.1",'
        '"naming_template":"{source_name}_proxy","output_directory":"/output","proxy_profile":"proxy_h264_low",'
        '"resolution":"half","sources":["/path/to/source.mp4"]}'
    }
    assert len({spec_digest(spec) for spec in written}) == 1


def test_whole_rates_are_whole_numbers_in_the_canonical_form() -> None:
    spec = JobSpec.from_dict({**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 25.0})
    assert '"fps_explicit":25,' in canonical_json(canonical_form(spec))


def test_a_rate_outside_the_table_has_no_canonical_form() -> None:
    spec = JobSpec.from_dict({**SEED_2_1, "fps_mode": "explicit", "fps_explicit": 24.5})
    with pytest.raises(ValueError, match=r"24\.5 is not a known frame rate"):
        canonical_form(spec)


def test_values_of_wrong_types_are_named_by_validation_and_not_by_construction() -> None:
    spec = JobSpec(
        sources="/a.mov",  # type: ignore[arg-type]
        output_directory=3,  # type: ignore[arg-type]
        codec="h264",
        container="mp4",
        resolution="half",
        fps_mode="sometimes",  # type: ignore[arg-type]
        naming_template="x",
        proxy_profile="p",
        user_metadata={"a": 1},  # type: ignore[dict-item]
    )
    assert [violation.message for violation in validate_spec(spec=spec, library=None)] == [
        'sources must be an array, got the string "/a.mov"',
        "output_directory must be a string, got the number 3",
        'fps_mode is "sometimes"; allowed: same-as-source, explicit',
        "user_metadata.a must be a string, got the number 1",
    ]


def test_an_object_of_another_version_is_refused() -> None:
    spec = dataclasses.replace(usage_example(), jobspec_version="1.0.0")
    assert [violation.message for violation in validate_spec(spec=spec, library=None)] == [
        'jobspec_version "1.0.0" is not accepted; accepted: "2.1"'
    ]


def test_text_of_version_1_0_0_is_not_read_as_an_object() -> None:
    with pytest.raises(JobSpecValidationError, match=r'"1\.0\.0" is not accepted; accepted: "2\.1"'):
        JobSpec.from_json('{"jobspec_version": "1.0.0"}')


def test_every_broken_field_of_an_object_is_listed_at_once() -> None:
    with pytest.raises(JobSpecValidationError) as caught:
        JobSpec.from_json(text_of(SEED_2_1, without=("codec", "container"), resolution="big", colour="red"))
    assert [violation.field for violation in caught.value.violations] == ["codec", "container", "resolution", "colour"]


def test_ten_thousand_sources_are_accepted() -> None:
    sources = [f"/media/clip_{number}.mov" for number in range(MAX_SOURCES)]
    spec = dataclasses.replace(usage_example(), sources=sources, proxy_profile="proxy_prores_proxy")  # type: ignore[arg-type]
    assert validate_spec(spec=spec, library=seed_library()) == ()


def test_importing_the_package_does_not_import_pydantic() -> None:
    code = "import sys, proxx.core.jobspec, proxx.core.naming; print('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
