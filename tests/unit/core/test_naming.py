"""Output names: every token, the extension, and everything that makes a name illegal, ambiguous or taken twice."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.jobspec import JobSpec
from proxx.core.naming import TOKENS, naming_violations, parse_moment, resolve_outputs
from proxx.core.violation import ViolationCode, ViolationsError

TOKEN_LIST = ", ".join("{" + token + "}" for token in TOKENS)


def spec(
    *sources: str,
    template: str = "{source_name}_proxy",
    container: str = "mov",
    codec: str = "prores_proxy",
    created_at: str | None = "2025-12-29T10:05:09+02:00",
    job_id: str | None = "0a1b2c3d",
    **further: dict[str, str],
) -> JobSpec:
    return JobSpec(
        job_id=job_id,
        created_at=created_at,
        sources=list(sources or ("/cards/A001.mov",)),  # type: ignore[arg-type]
        output_directory="/proxies",
        codec=codec,
        container=container,
        resolution="half",
        naming_template=template,
        proxy_profile="proxy_prores_proxy",
        **further,  # type: ignore[arg-type]
    )


def names(given_spec: JobSpec) -> list[str]:
    return [output.name for output in resolve_outputs(spec=given_spec)]


def refusals(given_spec: JobSpec) -> list[tuple[ViolationCode, str, str]]:
    with pytest.raises(ViolationsError) as caught:
        resolve_outputs(spec=given_spec)
    return [(violation.code, violation.field, violation.message) for violation in caught.value.violations]


def test_every_token_has_its_value() -> None:
    outputs = resolve_outputs(
        spec=spec(
            "/cards/A001.MOV",
            "/cards/B002.mxf",
            template="{job_id}_{date}_{time}_{index}_{codec}_{resolution}_{source_name}",
        )
    )
    assert [(output.clip_index, output.name, dict(output.tokens)) for output in outputs] == [
        (
            index,
            f"0a1b2c3d_20251229_100509_{index:03d}_prores_proxy_half_{name}.mov",
            {
                "source_name": name,
                "source_ext": extension,
                "job_id": "0a1b2c3d",
                "date": "20251229",
                "time": "100509",
                "index": f"{index:03d}",
                "codec": "prores_proxy",
                "resolution": "half",
            },
        )
        for index, name, extension in [(0, "A001", "MOV"), (1, "B002", "mxf")]
    ]


def test_the_same_spec_gives_the_same_names_every_time() -> None:
    given_spec = spec("/a/1.mov", "/a/2.mov")
    assert resolve_outputs(spec=given_spec) == resolve_outputs(spec=given_spec)


@pytest.mark.parametrize(
    ("source", "template", "container", "name"),
    [
        ("/c/A.mov", "{source_name}_proxy.{source_ext}", "mov", "A_proxy.mov"),
        ("/c/A.MOV", "{source_name}_proxy.{source_ext}", "mov", "A_proxy.MOV"),
        ("/c/A.mov", "{source_name}", "mp4", "A.mp4"),
        ("/c/A.mov", "{source_name}.MXF", "mxf", "A.MXF"),
        ("/c/A.v2.mov", "{source_name}", "mov", "A.v2.mov"),
        ("/c/A", "{source_name}", "mkv", "A.mkv"),
        ("/c/A.mov.mov", "{source_name}", "mov", "A.mov"),
        ("/c/.mov", "{source_name}", "mov", "mov.mov"),
        ("/c/-A.mov", "{source_name}", "mov", "-A.mov"),
    ],
)
def test_the_extension_is_that_of_the_container_and_is_not_doubled(
    source: str, template: str, container: str, name: str
) -> None:
    assert names(spec(source, template=template, container=container)) == [name]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/c/A001_C001_0502A6.RDC", "A001_C001_0502A6_proxy.mov"),
        ("/c/A001_C001_0502A6.RDC/A001_C001_0502A6_001.R3D", "A001_C001_0502A6_proxy.mov"),
        ("/c/shot/A001.0000123.ari", "A001_proxy.mov"),
        ("/c/take1/000001.dng", "take1_proxy.mov"),
        ("/c/take1", "take1_proxy.mov"),
    ],
)
def test_a_clip_of_several_files_is_named_after_the_clip(source: str, name: str) -> None:
    assert names(spec(source, container="mov")) == [name]


def test_a_folder_and_its_first_part_would_have_one_name_and_collide() -> None:
    ((code, field, _),) = refusals(spec("/c/A001.RDC", "/c/A001.RDC/A001_001.R3D"))
    assert (code, field) == (ViolationCode.NAMING_COLLISION, "sources[1]")


@pytest.mark.parametrize(
    ("source", "template", "container", "rendered", "extension"),
    [
        ("/c/A.mov", "{source_name}_proxy.{source_ext}", "mp4", "A_proxy.mov", "mov"),
        ("/c/A.R3D", "{source_name}.{source_ext}", "mov", "A.R3D", "r3d"),
        ("/c/A.mp4.mov", "{source_name}", "mov", "A.mp4", "mp4"),
    ],
)
def test_a_name_that_ends_with_another_media_extension_is_refused(
    source: str, template: str, container: str, rendered: str, extension: str
) -> None:
    assert refusals(spec(source, template=template, container=container)) == [
        (
            ViolationCode.NAMING_ILLEGAL,
            "sources[0]",
            f'sources[0] "{source}" would be named "{rendered}": it ends with ".{extension}" '
            f'and the container makes ".{container}"',
        )
    ]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('/c/a<b>c:d"e\\f|g?h*i.mov', "a_b_c_d_e_f_g_h_i.mov"),
        ("/c/a\tb\x1fc\x7fd\x85e.mov", "a_b_c_d_e.mov"),
        ("/c/a\udc80b.mov", "a_b.mov"),
        ("/c/ ..a.. .mov", "a.mov"),
        ("/c/....mov", "output.mov"),
        ("/c/日本 é🎬.mov", "日本 é🎬.mov"),
    ],
    ids=["forbidden on Windows", "controls", "no UTF-8", "dots and spaces outside", "nothing left", "Unicode stays"],
)
def test_a_source_name_becomes_legal_on_every_file_system(source: str, name: str) -> None:
    assert names(spec(source, template="{source_name}")) == [name]


@pytest.mark.parametrize(
    ("source", "template", "name", "rule"),
    [
        ("/c/100%.mov", "{source_name}", "100%.mov", 'no output name may hold "%"'),
        ("/c/a.x?y", "{source_name}_{source_ext}", "a_x?y.mov", 'no output name may hold "?"'),
        (
            "/c/a.mov",
            ".{source_name}",
            ".a.mov",
            "a name with a leading dot is hidden, and hidden names belong to staging",
        ),
        ("/c/a.mov", "..", "...mov", "a name with a leading dot is hidden, and hidden names belong to staging"),
        ("/c/a.mov", " x", " x.mov", "a name may not begin with a space"),
        ("/c/a.mov", "x.", "x..mov", "a name may not end with a dot or a space before its extension"),
        ("/c/a.mov", "x ", "x .mov", "a name may not end with a dot or a space before its extension"),
        ("/c/CON.mov", "{source_name}", "CON.mov", '"con" is a device name on Windows'),
        ("/c/a.mov", "lpt¹.x", "lpt¹.x.mov", '"lpt¹" is a device name on Windows'),
        ("/c/a", "{source_ext}", ".mov", "it is empty before its extension"),
    ],
)
def test_an_illegal_name_is_refused_and_never_repaired(source: str, template: str, name: str, rule: str) -> None:
    assert refusals(spec(source, template=template)) == [
        (ViolationCode.NAMING_ILLEGAL, "sources[0]", f'sources[0] "{source}" would be named "{name}": {rule}')
    ]


def test_a_name_has_at_most_255_bytes_in_utf8() -> None:
    longest = "é" * 125 + "x"
    assert names(spec(f"/c/{longest}.mov", template="{source_name}")) == [f"{longest}.mov"]
    assert refusals(spec(f"/c/{longest}y.mov", template="{source_name}"))[0][2].endswith(
        "it has 256 bytes in UTF-8 and a file name has at most 255"
    )


@pytest.mark.parametrize(
    ("template", "messages"),
    [
        ("{clip}", [f'naming_template: unknown token "{{clip}}"; tokens are {TOKEN_LIST}']),
        ("{index:04}", [f'naming_template: unknown token "{{index:04}}"; tokens are {TOKEN_LIST}']),
        ("{}{Index}{}", [f'naming_template: unknown token "{{{t}}}"; tokens are {TOKEN_LIST}' for t in ("", "Index")]),
        ("{index", [f'naming_template "{{index" has an unbalanced brace; tokens are {TOKEN_LIST}']),
        ("index}", [f'naming_template "index}}" has an unbalanced brace; tokens are {TOKEN_LIST}']),
        ("{{index}}", [f'naming_template "{{{{index}}}}" has an unbalanced brace; tokens are {TOKEN_LIST}']),
    ],
)
def test_a_template_that_does_not_resolve_is_refused_with_the_tokens_listed(template: str, messages: list[str]) -> None:
    assert refusals(spec(template=template)) == [
        (ViolationCode.NAMING_TOKEN, "naming_template", message) for message in messages
    ]


@pytest.mark.parametrize("character", list('/\\<>:"|?*%\0\n\x7f'), ids=lambda character: f"U+{ord(character):04X}")
def test_a_template_with_a_forbidden_character_is_refused_once(character: str) -> None:
    found = refusals(spec("/c/1.mov", "/c/2.mov", template=f"{{source_name}}{character}x"))
    assert [(code, field) for code, field, _ in found] == [(ViolationCode.NAMING_ILLEGAL, "naming_template")]


def test_several_clips_need_a_token_that_tells_them_apart() -> None:
    assert refusals(spec("/c/1.mov", "/c/2.mov", template="{date}_{codec}")) == [
        (
            ViolationCode.NAMING_AMBIGUOUS,
            "naming_template",
            'naming_template "{date}_{codec}" gives one name to all 2 sources; '
            "a job of several clips needs {index} or {source_name}",
        )
    ]


def test_a_single_clip_needs_no_such_token() -> None:
    assert names(spec("/c/1.mov", template="{date}_{codec}")) == ["20251229_prores_proxy.mov"]


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ("/a/x.mov", "/b/x.mov", '"x_proxy.mov"'),
        ("/a/x.mov", "/a/x.mxf", '"x_proxy.mov"'),
        (
            "/a/x.mov",
            "/b/X.mov",
            '"x_proxy.mov" and "X_proxy.mov", one name where case or Unicode form does not count',
        ),
        (
            "/a/straße.mov",
            "/b/STRASSE.mov",
            '"straße_proxy.mov" and "STRASSE_proxy.mov", one name where case or Unicode form does not count',
        ),
        ("/a/a?.mov", "/b/a*.mov", '"a__proxy.mov"'),
    ],
    ids=["two folders", "two extensions", "case", "case folding", "after replacement"],
)
def test_two_clips_with_one_name_are_refused_with_both_sources(first: str, second: str, named: str) -> None:
    assert refusals(spec(first, "/a/other.mov", second)) == [
        (
            ViolationCode.NAMING_COLLISION,
            "sources[2]",
            f'sources[0] "{first}" and sources[2] "{second}" would both be named {named}',
        )
    ]


def test_composed_and_decomposed_spelling_are_one_name() -> None:
    composed, decomposed = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    assert [code for code, _, _ in refusals(spec(f"/a/{composed}.mov", f"/b/{decomposed}.mov"))] == [
        ViolationCode.NAMING_COLLISION
    ]


def test_the_index_tells_equal_names_apart_and_grows_beyond_three_digits() -> None:
    outputs = names(spec(*["/c/x.mov"] * 1001, template="{index}"))
    assert (outputs[0], outputs[999], outputs[1000], len(set(outputs))) == ("000.mov", "999.mov", "1000.mov", 1001)


@given(st.lists(st.text(st.characters(blacklist_characters="/\0"), min_size=1, max_size=40), min_size=1, max_size=4))
def test_whatever_the_sources_are_called_names_are_legal_or_refused(file_names: list[str]) -> None:
    given_spec = spec(*[f"/c/{name}" for name in file_names], template="{index}_{source_name}")
    violations = naming_violations(spec=given_spec)
    refused = {violation.field for violation in violations}
    assert {violation.code for violation in violations} <= {ViolationCode.NAMING_ILLEGAL}
    kept = [source for index, source in enumerate(given_spec.sources) if f"sources[{index}]" not in refused]
    outputs = names(spec(*kept, template="{index}_{source_name}")) if kept else []
    for name in outputs:
        assert name.endswith(".mov")
        assert not set(name) & set('<>:"/\\|?*%\0\n')
        assert len(name.encode()) <= 255
    assert len({name.casefold() for name in outputs}) == len(kept)


def test_the_date_is_that_of_the_offset_in_created_at() -> None:
    assert names(spec(template="{date}_{time}", created_at="2025-12-31T23:59:59.987654321-11:30")) == [
        "20251231_235959.mov"
    ]


@pytest.mark.parametrize("missing", ["job_id", "created_at"])
def test_names_need_a_completed_spec(missing: str) -> None:
    with pytest.raises(ValueError, match="complete it first"):
        resolve_outputs(spec=spec(**{missing: None}))  # type: ignore[arg-type]


def test_the_rules_can_be_checked_before_the_spec_is_completed() -> None:
    ambiguous = spec("/c/1.mov", "/c/2.mov", template="{job_id}_{date}", job_id=None, created_at=None)
    sound = spec("/c/1.mov", "/c/2.mov", template="{job_id}_{date}_{index}", job_id=None, created_at=None)
    assert [violation.code for violation in naming_violations(spec=ambiguous)] == [ViolationCode.NAMING_AMBIGUOUS]
    assert naming_violations(spec=sound) == ()


def test_resolved_tokens_that_are_right_are_accepted() -> None:
    assert names(spec("/c/1.mov", resolved_tokens={"source_name": "1", "date": "20251229", "index": "000"})) == [
        "1_proxy.mov"
    ]


@pytest.mark.parametrize(
    ("claims", "assigned", "message"),
    [
        ({"date": "20250101"}, True, 'resolved_tokens.date is "20250101" but resolves to "20251229"'),
        ({"index": "000"}, True, "resolved_tokens.index differs between clips and cannot stand in the spec"),
        ({"clip": "x"}, True, f'resolved_tokens.clip: unknown token "{{clip}}"; tokens are {TOKEN_LIST}'),
        ({"time": "1"}, False, 'resolved_tokens.time is "1" but the spec has no created_at to resolve it from'),
        ({"job_id": "x"}, False, 'resolved_tokens.job_id is "x" but the spec has no job_id to resolve it from'),
    ],
    ids=["another value", "differs by clip", "unknown", "no created_at", "no job_id"],
)
def test_resolved_tokens_that_are_not_what_would_be_resolved_are_refused(
    claims: dict[str, str], assigned: bool, message: str
) -> None:
    given_spec = spec("/c/1.mov", "/c/2.mov", resolved_tokens=claims)
    if not assigned:
        given_spec = spec("/c/1.mov", "/c/2.mov", job_id=None, created_at=None, resolved_tokens=claims)
    found = [(violation.code, violation.message) for violation in naming_violations(spec=given_spec)]
    assert found == [(ViolationCode.NAMING_TOKEN, message)]


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-29T10:00:00",
        "2025-12-29 10:00:00Z",
        "2025-12-29",
        "2025-13-29T10:00:00Z",
        "2025-12-29T24:00:00Z",
        "2025-12-29T10:00:60Z",
        "20251229T100000Z",
        "2025-12-29T10:00:00+0100",
        "2025-12-29T10:00:00z",
        "٢٠٢٥-12-29T10:00:00Z",
        "",
    ],
)
def test_a_time_without_offset_or_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not YYYY-MM-DDTHH:MM:SS with an offset|names no real time"):
        parse_moment(text=text)
