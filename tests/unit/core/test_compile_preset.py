"""A global preset and sources become a JobSpec with options, the same every time, or are refused with every reason."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.jobs import CollisionPolicy, FailurePolicy, ReusePolicy, SubmissionOptions
from proxx.core.jobspec import JobSpec
from proxx.core.presets import (
    NothingLeftError,
    PresetCompileError,
    PresetFault,
    PresetLibrary,
    PresetNotFoundError,
    SourceFile,
    compile_preset,
)
from proxx.core.profile_library import ProfileLibrary
from proxx.core.reports import ReportFormat
from tests.fakes.presets import made_library
from tests.fakes.profiles import make_profile, seed_library

CREATED = "2026-03-04T05:06:07+01:00"
LOW = make_profile(name="proxy_h264_low", codec="h264", containers=("mp4", "mov"))


def compiled(library: PresetLibrary, *paths: str, profiles: ProfileLibrary | None = None, **changes: object):
    values: dict[str, object] = {
        "preset_id": "all",
        "library": library,
        "profiles": profiles or seed_library(),
        "sources": [SourceFile(path=path) for path in paths or ("/card/A001.mov",)],
        "base_directory": "/out",
        "job_id": "1a2b3c4d",
        "created_at": CREATED,
    }
    return compile_preset(**(values | changes))  # type: ignore[arg-type]


def problems(library: PresetLibrary, *paths: str, **changes: object) -> list[tuple[PresetFault, str, str]]:
    with pytest.raises(PresetCompileError) as caught:
        compiled(library, *paths, **changes)
    return [(problem.fault, problem.file, problem.key) for problem in caught.value.problems]


def exclusions(
    *, patterns: str = "[]", extensions: str = "[]", hidden: str = "false", smaller: int = 0
) -> dict[str, str]:
    fields = (
        f"patterns = {patterns}\nextensions = {extensions}\nhidden_files = {hidden}\nsmaller_than_bytes = {smaller}\n"
    )
    return {"EXCLUSIONS": fields}


def duplicates(*, collision: str = "FAIL", reuse: str = "NEVER", repeated: str = "REFUSE") -> dict[str, str]:
    fields = f'collision_policy = "{collision}"\nreuse = "{reuse}"\nrepeated_sources = "{repeated}"\n'
    return {"DUPLICATES": fields}


def test_every_category_decides_its_own_part() -> None:
    made = compiled(made_library(), "/card/A001.mov", "/card/A002.mov", "/card/A001.THM", "/card/.DS_Store")
    assert made.spec == JobSpec(
        sources=("/card/A001.mov", "/card/A002.mov"),
        output_directory="/out",
        codec="h264",
        container="mp4",
        resolution="half",
        naming_template="{source_name}_proxy",
        proxy_profile="proxy_h264_low",
    )
    assert replace(made.options, labels={}) == SubmissionOptions(
        priority=-5, queue="night", failure_policy=FailurePolicy.CONTINUE, max_parallel_clips=2
    )
    assert made.reports == (ReportFormat.CSV, ReportFormat.TXT)
    assert [item.sentence for item in made.excluded] == [
        'excluded /card/A001.THM: its extension is "thm" (exclusions.one.toml: extensions)',
        "excluded /card/.DS_Store: its name begins with a dot (exclusions.one.toml: hidden_files)",
    ]


def test_the_job_says_which_presets_made_it() -> None:
    labels = compiled(made_library()).options.labels
    assert sorted(labels) == [
        "proxx.preset",
        "proxx.preset.codec",
        "proxx.preset.digest",
        "proxx.preset.duplicates",
        "proxx.preset.exclusions",
        "proxx.preset.folder_output",
        "proxx.preset.naming",
        "proxx.preset.queue",
        "proxx.preset.reporting",
        "proxx.preset.scaling",
        "proxx.preset.version",
        "proxx.preset.watermark",
        "proxx.reports",
    ]
    assert (labels["proxx.preset"], labels["proxx.preset.version"], labels["proxx.reports"]) == ("all", "1", "csv,txt")


def test_a_changed_category_preset_changes_the_digest_of_the_global_one() -> None:
    plain = compiled(made_library()).options.labels
    other = compiled(made_library(SCALING='resolution = "quarter"\n')).options.labels
    changed = {label for label in plain if plain[label] != other[label]}
    assert changed == {"proxx.preset.digest", "proxx.preset.scaling"}


def test_a_folder_named_after_the_job_puts_its_id_and_time_into_the_spec() -> None:
    made = compiled(made_library(FOLDER_OUTPUT='subfolder = "{date}/{job_id}_{time}"\ncreate = true\n'))
    assert (made.spec.output_directory, made.spec.job_id, made.spec.created_at) == (
        "/out/20260304/1a2b3c4d_050607",
        "1a2b3c4d",
        CREATED,
    )
    assert made.options.create_output_directory


def test_a_folder_of_a_fixed_name_leaves_id_and_time_to_the_server() -> None:
    made = compiled(made_library(FOLDER_OUTPUT='subfolder = "proxies"\ncreate = true\n'), base_directory="/")
    assert (made.spec.output_directory, made.spec.job_id, made.spec.created_at) == ("/proxies", None, None)


def test_duplicates_and_queue_reach_the_options() -> None:
    queue = 'queue = "q"\npriority = 7\nfailure_policy = "FAIL_FAST"\nmax_parallel_clips = 64\nhold = true\n'
    made = compiled(made_library(QUEUE=queue, **duplicates(collision="SUFFIX", reuse="VERIFIED")))
    assert replace(made.options, labels={}) == SubmissionOptions(
        priority=7,
        queue="q",
        max_parallel_clips=64,
        hold=True,
        collision_policy=CollisionPolicy.SUFFIX,
        reuse=ReusePolicy.VERIFIED,
    )


def test_reports_that_are_off_are_not_asked_for() -> None:
    made = compiled(made_library(REPORTING='enabled = false\nformats = ["csv"]\n'))
    assert (made.reports, made.options.labels["proxx.reports"]) == ((), "")


def variants() -> ProfileLibrary:
    return ProfileLibrary(
        (
            LOW,
            replace(LOW, name="proxy_h264_low_burnin", variant_of="proxy_h264_low", variant="burnin"),
            replace(LOW, name="proxy_h264_low_logo", variant_of="proxy_h264_low", variant="logo"),
            replace(LOW, name="another_burnin", variant_of="another", variant="client"),
        )
    )


def test_a_watermark_picks_the_variant_of_the_profile() -> None:
    library = made_library(WATERMARK='variant = "burnin"\n')
    assert compiled(library, profiles=variants()).spec.proxy_profile == "proxy_h264_low_burnin"


def test_a_variant_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(PresetCompileError) as caught:
        compiled(made_library(WATERMARK='variant = "client"\n'), profiles=variants())
    assert str(caught.value) == (
        "watermark.one.toml: variant: profile proxy_h264_low has no such variant (global preset all); "
        'expected none or one of burnin, logo, got "client"'
    )


CODEC = 'codec = "h264"\ncontainer = "{}"\nfps_mode = "same-as-source"\nprofile = "{}"\n'


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"CODEC": CODEC.format("mp4", "nowhere")},
            [(PresetFault.PROFILE_NOT_FOUND, "codec.one.toml", "profile")],
            id="a profile that is not there",
        ),
        pytest.param(
            {"CODEC": CODEC.format("mp4", "proxy_h264_low_logo")},
            [(PresetFault.PROFILE_MISMATCH, "codec.one.toml", "profile")],
            id="a variant in the place of its profile",
        ),
        pytest.param(
            {"CODEC": CODEC.format("mkv", "proxy_h264_low")},
            [(PresetFault.PROFILE_MISMATCH, "codec.one.toml", "container")],
            id="a container that the profile does not make",
        ),
    ],
)
def test_a_preset_that_does_not_fit_its_profile_is_refused(fields, expected) -> None:
    assert problems(made_library(**fields), profiles=variants()) == expected


def test_a_raster_that_the_profile_does_not_permit_is_the_fault_of_scaling() -> None:
    narrow = ProfileLibrary((replace(LOW, resolutions=("same",)),))
    with pytest.raises(PresetCompileError) as caught:
        compiled(made_library(), profiles=narrow)
    assert str(caught.value) == (
        'scaling.one.toml: resolution: resolution "half" does not agree with profile "proxy_h264_low", '
        'which allows "same" (global preset all)'
    )


def test_reasons_of_profile_and_sources_are_said_together() -> None:
    library = made_library(CODEC=CODEC.format("mkv", "proxy_h264_low"))
    assert problems(library, "/a/A.mov", "/a/A.mov", profiles=variants()) == [
        (PresetFault.PROFILE_MISMATCH, "codec.one.toml", "container"),
        (PresetFault.SOURCE_REPEATED, "duplicates.one.toml", "repeated_sources"),
    ]


def test_an_unknown_global_preset_is_not_found() -> None:
    with pytest.raises(PresetNotFoundError):
        compiled(made_library(), preset_id="nothing")


@pytest.mark.parametrize(
    ("fields", "name", "key"),
    [
        pytest.param(exclusions(patterns='["*_proxy.*"]'), "A001_PROXY.MOV", "patterns", id="glob, letter case apart"),
        pytest.param(exclusions(patterns='["[!A]*"]'), "B001.mov", "patterns", id="glob with a set"),
        pytest.param(exclusions(extensions='["thm"]'), "A001.ThM", "extensions", id="extension, letter case apart"),
        pytest.param(exclusions(hidden="true"), "._A001.mov", "hidden_files", id="resource fork"),
        pytest.param(exclusions(patterns='["caf\\u00e9*"]'), "Cafe\u0301.mov", "patterns", id="Unicode form apart"),
    ],
)
def test_a_source_is_left_out_by_its_name(fields, name: str, key: str) -> None:
    made = compiled(made_library(**fields), "/card/A001.mov", f"/card/{name}")
    assert (made.spec.sources, [(item.path, item.key) for item in made.excluded]) == (
        ("/card/A001.mov",),
        [(f"/card/{name}", key)],
    )


def test_a_file_without_extension_has_none_and_directories_do_not_count() -> None:
    made = compiled(
        made_library(**exclusions(extensions='["mov"]', patterns='["*clip*"]', hidden="true")), "/.x/clip/mov"
    )
    assert made.spec.sources == ("/.x/clip/mov",)


def test_sizes_come_in_as_data() -> None:
    sources = [SourceFile(path="/card/A.mov", size_bytes=100), SourceFile(path="/card/B.mov", size_bytes=99)]
    made = compiled(made_library(**exclusions(smaller=100)), sources=sources)
    assert [item.sentence for item in made.excluded] == [
        "excluded /card/B.mov: it has 99 bytes and the least is 100 (exclusions.one.toml: smaller_than_bytes)"
    ]


def test_a_size_that_nobody_knows_is_not_guessed() -> None:
    assert problems(made_library(**exclusions(smaller=100)), "/card/A.mov") == [
        (PresetFault.SIZE_UNKNOWN, "exclusions.one.toml", "smaller_than_bytes")
    ]


def test_a_source_listed_twice_is_taken_once_when_the_preset_says_so() -> None:
    made = compiled(made_library(**duplicates(repeated="KEEP_FIRST")), "/card/B.mov", "/card/A.mov", "/card/B.mov")
    assert made.spec.sources == ("/card/B.mov", "/card/A.mov")
    assert [(item.path, item.key) for item in made.excluded] == [("/card/B.mov", "repeated_sources")]


def test_when_nothing_is_left_the_error_holds_what_was_left_out() -> None:
    with pytest.raises(NothingLeftError) as caught:
        compiled(made_library(), "/card/A.thm", "/card/.B.mov")
    assert [item.path for item in caught.value.excluded] == ["/card/A.thm", "/card/.B.mov"]
    assert str(caught.value) == (
        "exclusions.one.toml: no source is left; expected at least one source that no rule leaves out, "
        "got 2 given, 0 left"
    )


NAMES = st.text(alphabet=string.ascii_letters + ".é_ ", min_size=1, max_size=12).filter(lambda name: "/" not in name)


def outcome(library: PresetLibrary, paths: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """What stays and what is left out, whether or not a job comes of it."""
    try:
        made = compiled(library, *paths)
    except NothingLeftError as error:
        return (), [item.path for item in error.excluded]
    return made.spec.sources, [item.path for item in made.excluded]


@given(names=st.lists(NAMES, min_size=1, max_size=8))
def test_compiling_is_pure_and_loses_no_source(names: list[str]) -> None:
    library = made_library(**duplicates(repeated="KEEP_FIRST"), **exclusions(extensions='["mov"]', hidden="true"))
    paths = [f"/card/{name}" for name in names]
    kept, excluded = outcome(library, paths)
    assert (kept, excluded) == outcome(library, paths)
    assert sorted([*kept, *excluded]) == sorted(paths)
    assert list(kept) == list(dict.fromkeys(path for path in paths if path in kept))
