"""JobSpec text of both versions: accepted and mapped without loss, or refused with every violation at once."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.jobspec import (
    FpsMode,
    JobSpec,
    JobSpecValidationError,
    ParsedSpec,
    parse_jobspec,
    upgrade_text,
)
from proxx.core.violation import ViolationCode
from tests.fakes.profiles import seed_library
from tests.fakes.specs import SEED_1_0_0, SEED_2_1, text_of

LIBRARY = seed_library()
FIELDS_2_1 = (
    "jobspec_version, job_id, created_at, sources, output_directory, codec, container, resolution, fps_mode, "
    "fps_explicit, naming_template, proxy_profile, resolved_tokens, user_metadata"
)
FIELDS_1_0_0 = (
    "jobspec_version, job_id, created_at, sources, output_dir, output_name_template, codec, container, resolution, "
    "fps_mode, fps_explicit, proxy_profile, user_metadata"
)


def refusals(text: str, **further: tuple[str, ...]) -> list[tuple[ViolationCode, str, str]]:
    with pytest.raises(JobSpecValidationError) as caught:
        parse_jobspec(text=text, library=LIBRARY, **further)
    return [(violation.code, violation.field, violation.message) for violation in caught.value.violations]


def test_a_spec_of_the_canonical_version_is_read_as_it_stands() -> None:
    text = text_of(SEED_2_1, job_id="0a1b2c3d", created_at="2025-12-29T10:00:00+01:00")
    assert parse_jobspec(text=text, library=LIBRARY) == ParsedSpec(
        spec=JobSpec(
            job_id="0a1b2c3d",
            created_at="2025-12-29T10:00:00+01:00",
            sources=("/path/to/source.mp4",),
            output_directory="/output",
            codec="h264",
            container="mp4",
            resolution="half",
            naming_template="{source_name}_proxy",
            proxy_profile="proxy_h264_low",
        ),
        received_text=text,
        received_version="2.1",
        received_digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def test_a_spec_of_version_1_0_0_is_mapped_and_its_resolution_is_the_profiles() -> None:
    text = text_of(SEED_1_0_0)
    assert parse_jobspec(text=text, library=LIBRARY) == ParsedSpec(
        spec=JobSpec(
            created_at="2025-12-29T10:00:00Z",
            sources=("/path/to/source1.mov", "/path/to/source2.mov"),
            output_directory="/path/to/outputs",
            codec="h264",
            container="mp4",
            resolution="1920x1080",
            fps_mode=FpsMode.SAME_AS_SOURCE,
            naming_template="{source_name}_proxy",
            proxy_profile="offline_h264_1920x1080",
            user_metadata={"project": "Example Project", "operator": "jane.doe"},
        ),
        received_text=text,
        received_version="1.0.0",
        received_digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def test_an_explicit_rate_of_version_1_0_0_is_mapped() -> None:
    text = text_of(SEED_1_0_0, fps_mode="explicit", fps_explicit=23.976, resolution="1920x1080", job_id="0a1b2c3d")
    spec = parse_jobspec(text=text, library=LIBRARY).spec
    assert (spec.fps_mode, spec.fps_explicit, spec.resolution, spec.job_id) == (
        FpsMode.EXPLICIT,
        23.976,
        "1920x1080",
        "0a1b2c3d",
    )


def test_upgrading_prints_version_2_1_in_the_documented_order() -> None:
    assert upgrade_text(text=text_of(SEED_1_0_0), library=LIBRARY) == (
        "{\n"
        '  "jobspec_version": "2.1",\n'
        '  "created_at": "2025-12-29T10:00:00Z",\n'
        '  "sources": [\n'
        '    "/path/to/source1.mov",\n'
        '    "/path/to/source2.mov"\n'
        "  ],\n"
        '  "output_directory": "/path/to/outputs",\n'
        '  "codec": "h264",\n'
        '  "container": "mp4",\n'
        '  "resolution": "1920x1080",\n'
        '  "fps_mode": "same-as-source",\n'
        '  "naming_template": "{source_name}_proxy",\n'
        '  "proxy_profile": "offline_h264_1920x1080",\n'
        '  "user_metadata": {\n'
        '    "project": "Example Project",\n'
        '    "operator": "jane.doe"\n'
        "  }\n"
        "}"
    )


@pytest.mark.parametrize("text", [text_of(SEED_1_0_0), text_of(SEED_2_1)], ids=["1.0.0", "2.1"])
def test_upgraded_text_means_the_same(text: str) -> None:
    upgraded = upgrade_text(text=text, library=LIBRARY)
    assert (
        parse_jobspec(text=upgraded, library=LIBRARY).spec,
        upgrade_text(text=upgraded, library=LIBRARY),
    ) == (parse_jobspec(text=text, library=LIBRARY).spec, upgraded)


def test_a_site_may_narrow_the_versions() -> None:
    assert refusals(text_of(SEED_1_0_0), accepted_versions=("2.1",)) == [
        (
            ViolationCode.VERSION_UNSUPPORTED,
            "jobspec_version",
            'jobspec_version "1.0.0" is not accepted; accepted: "2.1"',
        )
    ]


@pytest.mark.parametrize(
    ("version", "code", "message"),
    [
        (None, "FIELD_TYPE", 'jobspec_version must be a string, got null; accepted: "2.1", "1.0.0"'),
        (2.1, "FIELD_TYPE", 'jobspec_version must be a string, got the number 2.1; accepted: "2.1", "1.0.0"'),
        ("2.0", "VERSION_UNSUPPORTED", 'jobspec_version "2.0" is not accepted; accepted: "2.1", "1.0.0"'),
        ("2.1 ", "VERSION_UNSUPPORTED", 'jobspec_version "2.1 " is not accepted; accepted: "2.1", "1.0.0"'),
        ("", "VERSION_UNSUPPORTED", 'jobspec_version "" is not accepted; accepted: "2.1", "1.0.0"'),
    ],
    ids=["null", "a number", "another version", "a space more", "empty"],
)
def test_any_other_version_is_refused(version: object, code: str, message: str) -> None:
    assert refusals(text_of(SEED_2_1, jobspec_version=version)) == [(ViolationCode(code), "jobspec_version", message)]


def test_a_missing_version_is_refused_and_no_version_is_guessed() -> None:
    assert refusals(text_of(SEED_2_1, without=("jobspec_version",), surprise=1)) == [
        (ViolationCode.VERSION_MISSING, "jobspec_version", 'jobspec_version is missing; accepted: "2.1", "1.0.0"')
    ]


def test_the_names_of_one_version_are_unknown_in_the_other() -> None:
    mixed_new = refusals(text_of(SEED_2_1, output_dir="/output"))
    mixed_old = refusals(text_of(SEED_1_0_0, naming_template="{index}", resolved_tokens={}))
    assert (mixed_new, mixed_old) == (
        [(ViolationCode.FIELD_UNKNOWN, "output_dir", f'Unknown field "output_dir"; JobSpec 2.1 has {FIELDS_2_1}')],
        [
            (ViolationCode.FIELD_UNKNOWN, name, f'Unknown field "{name}"; JobSpec 1.0.0 has {FIELDS_1_0_0}')
            for name in ("naming_template", "resolved_tokens")
        ],
    )


def test_the_rate_words_of_one_version_are_unknown_in_the_other() -> None:
    assert [
        refusals(text_of(SEED_2_1, fps_mode="preserve_source")),
        refusals(text_of(SEED_1_0_0, fps_mode="same-as-source")),
    ] == [
        [
            (
                ViolationCode.FIELD_VALUE,
                "fps_mode",
                'fps_mode is "preserve_source"; allowed: same-as-source, explicit',
            )
        ],
        [
            (
                ViolationCode.FIELD_VALUE,
                "fps_mode",
                'fps_mode is "same-as-source"; allowed: preserve_source, explicit',
            )
        ],
    ]


@pytest.mark.parametrize("base", [SEED_2_1, SEED_1_0_0], ids=["2.1", "1.0.0"])
def test_every_required_field_is_missed_by_its_name(base: dict[str, object]) -> None:
    optional = {"jobspec_version", "created_at", "user_metadata"}
    required = [name for name in base if name not in optional]
    found = refusals(json.dumps({"jobspec_version": base["jobspec_version"]}))
    assert sorted(found) == sorted((ViolationCode.FIELD_MISSING, name, f"{name} is missing") for name in required)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("sources", "/a.mov", 'an array, got the string "/a.mov"'),
        ("sources", {}, "an array, got an object"),
        ("output_directory", None, "a string, got null"),
        ("codec", True, "a string, got true"),
        ("container", 4, "a string, got the number 4"),
        ("resolution", [1920, 1080], "a string, got an array"),
        ("fps_explicit", "24", 'a number, got the string "24"'),
        ("fps_explicit", False, "a number, got false"),
        ("naming_template", {}, "a string, got an object"),
        ("proxy_profile", 1.5, "a string, got the number 1.5"),
        ("job_id", 12345678, "a string, got the number 12345678"),
        ("job_id", None, "a string, got null"),
        ("created_at", 0, "a string, got the number 0"),
        ("user_metadata", [], "an object, got an array"),
        ("resolved_tokens", "x", 'an object, got the string "x"'),
    ],
)
def test_a_value_of_another_type_is_refused_and_never_coerced(field: str, value: object, expected: str) -> None:
    assert refusals(text_of(SEED_2_1, **{field: value})) == [
        (ViolationCode.FIELD_TYPE, field, f"{field} must be {expected}")
    ]


CODECS = "prores_proxy, prores_lt, prores_standard, prores_hq, prores_4444, h264, h265, hevc, dnxhd, dnxhr, vp9, av1"
RESOLUTIONS = "same, half, quarter or WIDTHxHEIGHT (both even, 16 to 16384)"


@pytest.mark.parametrize(
    ("field", "value", "predicate"),
    [
        ("codec", "H264", f'is "H264"; allowed: {CODECS}'),
        ("codec", "", f'is ""; allowed: {CODECS}'),
        ("container", "avi", 'is "avi"; allowed: mov, mp4, mkv, webm, mxf'),
        ("resolution", "Half", f'is "Half"; allowed: {RESOLUTIONS}'),
        ("resolution", "1920X1080", f'is "1920X1080"; allowed: {RESOLUTIONS}'),
        ("resolution", "1921x1080", f'is "1921x1080"; allowed: {RESOLUTIONS}'),
        ("resolution", "08x08", f'is "08x08"; allowed: {RESOLUTIONS}'),
        ("resolution", "16386x1080", f'is "16386x1080"; allowed: {RESOLUTIONS}'),
        ("resolution", "1920x1080\n", f'is "1920x1080\\n"; allowed: {RESOLUTIONS}'),
        ("output_directory", "", "is empty"),
        ("output_directory", "/out/%d", 'is "/out/%d", which holds "%"; no output path may'),
        ("output_directory", "/a/../b", 'is "/a/../b", which has the component ".."; no path may'),
        ("output_directory", "/a\0b", 'is "/a\\u0000b", which holds a control character; no path may'),
        ("naming_template", "", "is empty"),
        ("proxy_profile", "", "is empty"),
        ("job_id", "0A1B2C3D", 'is "0A1B2C3D"; a job id is eight lower-case hex characters'),
        ("job_id", "", 'is ""; a job id is eight lower-case hex characters'),
        ("job_id", "0a1b2c3d4", 'is "0a1b2c3d4"; a job id is eight lower-case hex characters'),
        (
            "created_at",
            "2025-12-29T10:00:00",
            'is no ISO 8601 time: "2025-12-29T10:00:00" is not YYYY-MM-DDTHH:MM:SS with an offset (Z or +HH:MM)',
        ),
        ("sources", [], "is empty"),
    ],
)
def test_a_value_outside_its_rule_is_refused_with_the_rule(field: str, value: object, predicate: str) -> None:
    assert refusals(text_of(SEED_2_1, **{field: value})) == [(ViolationCode.FIELD_VALUE, field, f"{field} {predicate}")]


@pytest.mark.parametrize(
    ("source", "code", "predicate"),
    [
        ("", "FIELD_VALUE", "is empty"),
        ("clip.mov", "PATH_NOT_ABSOLUTE", 'is "clip.mov", a relative path; every path of a JobSpec is absolute'),
        ("C:a.mov", "PATH_NOT_ABSOLUTE", 'is "C:a.mov", a relative path; every path of a JobSpec is absolute'),
        ("C:\\d\\", "FIELD_VALUE", 'is "C:\\\\d\\\\", which ends with a slash; a source is a file'),
        ("C:\\..\\b.mov", "FIELD_VALUE", 'is "C:\\\\..\\\\b.mov", which has the component ".."; no path may'),
        (
            "\\\\nas\\m\\a.mov:x",
            "FIELD_VALUE",
            'is "\\\\\\\\nas\\\\m\\\\a.mov:x", which has a ":" behind its drive; '
            "a name with one is a data stream of another file; no path of Windows may",
        ),
        (
            "file:///a.mov",
            "PATH_NOT_ABSOLUTE",
            'is "file:///a.mov", a relative path; every path of a JobSpec is absolute',
        ),
        ("/a/./b.mov", "FIELD_VALUE", 'is "/a/./b.mov", which has the component "."; no path may'),
        ("/a/..", "FIELD_VALUE", 'is "/a/..", which has the component ".."; no path may'),
        (
            "/a//b.mov",
            "FIELD_VALUE",
            'is "/a//b.mov", which has an empty component (two slashes in a row); no path may',
        ),
        ("/a/", "FIELD_VALUE", 'is "/a/", which ends with a slash; a source is a file'),
        ("/a\nb.mov", "FIELD_VALUE", 'is "/a\\nb.mov", which holds a control character; no path may'),
        ("/a\0.mov", "FIELD_VALUE", 'is "/a\\u0000.mov", which holds a control character; no path may'),
        (
            "/a\udcff.mov",
            "FIELD_VALUE",
            'is "/a\\udcff.mov", which holds a lone surrogate; text is Unicode, paths are UTF-8',
        ),
        ("/" + "é" * 2048, "LIMIT_EXCEEDED", "has 4097 bytes in UTF-8; a path has at most 4096"),
    ],
)
def test_a_source_that_is_no_plain_absolute_path_is_refused_by_its_number(
    source: str, code: str, predicate: str
) -> None:
    assert refusals(text_of(SEED_2_1, sources=["/a.mov", source])) == [
        (ViolationCode(code), "sources[1]", f"sources[1] {predicate}")
    ]


@pytest.mark.parametrize("field", ["codec", "container", "resolution", "job_id", "created_at", "fps_mode"])
def test_text_that_is_not_unicode_is_refused_in_every_field(field: str) -> None:
    assert [name for _, name, _ in refusals(text_of(SEED_2_1, **{field: "\ud800"}))] == [field]


@pytest.mark.parametrize("name", ["\ud800", "nonsense\udfff"], ids=["alone", "at the end"])
def test_a_name_of_a_field_that_is_not_unicode_is_an_unknown_field(name: str) -> None:
    (refusal,) = refusals(text_of(SEED_2_1, **{name: 1}))
    assert refusal[0] is ViolationCode.FIELD_UNKNOWN
    assert refusal[2].startswith(f'Unknown field "{refusal[1]}"; JobSpec 2.1 has jobspec_version,')


def test_more_sources_than_a_job_takes_are_refused() -> None:
    assert refusals(text_of(SEED_2_1, sources=["/a.mov"] * 10_001)) == [
        (
            ViolationCode.LIMIT_EXCEEDED,
            "sources",
            "sources has 10001 entries; a job has at most 10000 sources: submit several jobs",
        )
    ]


def test_an_object_with_too_many_entries_is_refused_as_one_and_the_rest_is_checked_all_the_same() -> None:
    labels = {str(number): number for number in range(10_001)}
    assert refusals(text_of(SEED_2_1, user_metadata=labels, codec="cinepak"))[:1] == [
        (ViolationCode.LIMIT_EXCEEDED, "user_metadata", "user_metadata has 10001 entries; at most 10000 are taken")
    ]
    assert [field for _, field, _ in refusals(text_of(SEED_2_1, user_metadata=labels, codec="cinepak"))] == [
        "user_metadata",
        "codec",
    ]


def test_too_many_fields_are_refused_as_one_and_the_known_ones_are_checked_all_the_same() -> None:
    unknown = {f"field_{number}": 1 for number in range(10_000)}
    found = refusals(text_of(SEED_2_1, codec="cinepak", **unknown))
    assert [(code, field) for code, field, _ in found] == [
        (ViolationCode.LIMIT_EXCEEDED, ""),
        (ViolationCode.FIELD_VALUE, "codec"),
    ]
    assert found[0][2] == "The JobSpec has 10008 fields; at most 10000 are looked at"


def test_everything_that_is_wrong_is_listed_at_once_and_nothing_twice() -> None:
    text = text_of(
        SEED_2_1,
        without=("output_directory",),
        sources=["a.mov", 7],
        codec="dnxhd",
        container="mov",
        fps_explicit=24,
        naming_template="{clip}",
        proxy_profile="proxy_h264_lo",
        colour="red",
    )
    assert [(code.value, field) for code, field, _ in refusals(text)] == [
        ("PATH_NOT_ABSOLUTE", "sources[0]"),
        ("FIELD_TYPE", "sources[1]"),
        ("FIELD_MISSING", "output_directory"),
        ("FIELD_UNKNOWN", "colour"),
        ("CODEC_CONTAINER", "container"),
        ("FPS_MODE", "fps_explicit"),
        ("PROFILE_UNKNOWN", "proxy_profile"),
        ("NAMING_TOKEN", "naming_template"),
        ("NAMING_AMBIGUOUS", "naming_template"),
    ]


def test_naming_rules_speak_the_words_of_the_version() -> None:
    assert [(code.value, field) for code, field, _ in refusals(text_of(SEED_1_0_0, output_name_template="x{"))] == [
        ("NAMING_TOKEN", "output_name_template"),
        ("NAMING_AMBIGUOUS", "output_name_template"),
    ]


def test_an_unknown_profile_of_a_1_0_0_spec_leaves_no_guess_of_its_resolution() -> None:
    assert [
        (code.value, field)
        for code, field, _ in refusals(text_of(SEED_1_0_0, proxy_profile="x", output_name_template="{index}"))
    ] == [("PROFILE_UNKNOWN", "proxy_profile")]


def test_a_null_rate_is_an_absent_rate() -> None:
    assert (
        parse_jobspec(text=text_of(SEED_2_1, fps_explicit=None), library=LIBRARY).spec
        == parse_jobspec(text=text_of(SEED_2_1), library=LIBRARY).spec
    )


@given(
    st.dictionaries(
        st.sampled_from([*SEED_2_1, "fps_mode", "fps_explicit", "job_id", "user_metadata", "other"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3),
        max_size=4,
    )
)
def test_whatever_the_values_are_a_spec_is_accepted_or_refused_in_one_line_a_violation(
    changes: dict[str, object],
) -> None:
    try:
        parsed = parse_jobspec(text=text_of(SEED_2_1, **changes), library=LIBRARY)
    except JobSpecValidationError as error:
        lines = str(error).splitlines()
    else:
        lines = []
        assert JobSpec.from_json(parsed.spec.to_json()) == parsed.spec
    assert all(line.isprintable() for line in lines)
