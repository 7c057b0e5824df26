"""Preset files: read exactly, refused with every problem at once and by the type of error that fits."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.jobs import CollisionPolicy, FailurePolicy, ReusePolicy
from proxx.core.jobspec import FpsMode
from proxx.core.presets import (
    Category,
    DuplicateCategoryError,
    GlobalPreset,
    MissingCategoryError,
    PresetReference,
    PresetValidationError,
    UnknownCategoryError,
    read_preset,
)
from proxx.core.presets.category import file_name
from proxx.core.presets.category_presets import (
    CodecPreset,
    DuplicatesPreset,
    ExclusionsPreset,
    FolderOutputPreset,
    NamingPreset,
    QueuePreset,
    RepeatedSources,
    ReportingPreset,
    ScalingPreset,
    WatermarkPreset,
)
from proxx.core.reports import ReportFormat
from tests.fakes.presets import FIELDS, category_text, global_text

ABOUT = {"id": "one", "version": 1, "description": "for tests"}
ALL = [(category.value, "one") for category in Category]


def refused(text: str, file: str) -> PresetValidationError:
    with pytest.raises(PresetValidationError) as caught:
        read_preset(text=text, file=file)
    return caught.value


def sentences(category: str, fields: str) -> list[str]:
    error = refused(category_text(category, fields=fields), file_name(kind=category, preset_id="one"))
    return [problem.sentence.partition(": ")[2] for problem in error.problems]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(
            CodecPreset(
                **ABOUT,
                profile="proxy_h264_low",
                codec="h264",
                container="mp4",
                fps_mode=FpsMode.SAME_AS_SOURCE,
                fps_explicit=None,
            ),
            id="codec",
        ),
        pytest.param(ScalingPreset(**ABOUT, resolution="half"), id="scaling"),
        pytest.param(WatermarkPreset(**ABOUT, variant="none"), id="watermark"),
        pytest.param(NamingPreset(**ABOUT, template="{source_name}_proxy"), id="naming"),
        pytest.param(FolderOutputPreset(**ABOUT, subfolder="", create=False), id="folder output"),
        pytest.param(
            ExclusionsPreset(**ABOUT, patterns=(), extensions=("thm",), hidden_files=True, smaller_than_bytes=0),
            id="exclusions",
        ),
        pytest.param(
            DuplicatesPreset(
                **ABOUT,
                collision_policy=CollisionPolicy.FAIL,
                reuse=ReusePolicy.NEVER,
                repeated_sources=RepeatedSources.REFUSE,
            ),
            id="duplicates",
        ),
        pytest.param(
            QueuePreset(
                **ABOUT,
                queue="night",
                priority=-5,
                failure_policy=FailurePolicy.CONTINUE,
                max_parallel_clips=2,
                hold=False,
            ),
            id="queue",
        ),
        pytest.param(
            ReportingPreset(**ABOUT, enabled=True, formats=(ReportFormat.CSV, ReportFormat.TXT)), id="reporting"
        ),
    ],
)
def test_a_preset_of_each_category_is_read_whole(expected) -> None:
    assert read_preset(text=category_text(expected.category.value), file=expected.file) == expected


def test_a_global_preset_is_references_and_nothing_else() -> None:
    assert read_preset(text=global_text(), file="global.all.toml") == GlobalPreset(
        id="all",
        version=1,
        description="for tests",
        presets=tuple(PresetReference(category=category, id="one") for category in Category),
    )


def test_comments_do_not_reach_the_digest_and_every_value_does() -> None:
    texts = [
        category_text("SCALING"),
        "# note\n" + category_text("SCALING"),
        category_text("SCALING", fields='resolution = "quarter"\n'),
        category_text("SCALING").replace("version = 1", "version = 2"),
    ]
    plain, noted, other, newer = (read_preset(text=text, file="scaling.one.toml").digest for text in texts)
    assert plain == noted
    assert len({plain, other, newer}) == 3


def test_a_rate_goes_with_the_explicit_mode_and_is_one_of_the_table() -> None:
    fields = FIELDS["CODEC"].replace("same-as-source", "explicit")
    preset = read_preset(text=category_text("CODEC", fields=f"{fields}fps_explicit = 25\n"), file="codec.one.toml")
    assert isinstance(preset, CodecPreset)
    assert (preset.fps_mode, preset.fps_explicit) == (FpsMode.EXPLICIT, 25.0)
    assert [text.partition(";")[0] for text in sentences("CODEC", fields)] == [
        "fps_explicit: required with fps_mode explicit"
    ]
    assert [text.partition(";")[0] for text in sentences("CODEC", f"{fields}fps_explicit = 23\n")] == [
        "fps_explicit: not a known frame rate"
    ]
    assert [text.partition(";")[0] for text in sentences("CODEC", f"{FIELDS['CODEC']}fps_explicit = 25\n")] == [
        "fps_explicit: goes with fps_mode explicit only"
    ]


def test_every_problem_of_a_file_is_named_with_key_rule_expected_and_actual() -> None:
    fields = 'queue = "Nacht!"\npriority = 101\nfailure_policy = "RETRY"\nmax_parallel_clips = true\n'
    assert sentences("QUEUE", f"{fields}colour = 1\n") == [
        "colour: unknown key for QUEUE",
        "hold: required key is missing",
        'failure_policy: unknown word; expected one of FAIL_FAST, CONTINUE, got "RETRY"',
        'queue: not a name; expected 1 to 64 of a-z 0-9 _ . - (first a letter or digit), got "Nacht!"',
        "priority: the number is out of range; expected -100 to 100, got 101",
        "max_parallel_clips: wrong type; expected a whole number, got true",
    ]


@pytest.mark.parametrize(
    ("category", "fields", "said"),
    [
        pytest.param(
            "CODEC",
            FIELDS["CODEC"].replace('"mp4"', '"mxf"'),
            ['container: unknown word; expected one of mp4, mov, mkv, got "mxf"'],
            id="container that the codec does not go into",
        ),
        pytest.param(
            "SCALING",
            'resolution = "1281x720"\n',
            [
                "resolution: not a resolution; expected same, half, quarter or WIDTHxHEIGHT "
                '(both even, 16 to 16384), got "1281x720"'
            ],
            id="odd raster",
        ),
        pytest.param(
            "NAMING",
            'template = "{camera}"\n',
            [
                'template: template: unknown token "{camera}"; tokens are {source_name}, {source_ext}, {job_id}, '
                "{date}, {time}, {index}, {codec}, {resolution}"
            ],
            id="unknown token",
        ),
        pytest.param(
            "FOLDER_OUTPUT",
            'subfolder = "../{source_name}"\ncreate = true\n',
            [
                'subfolder: "{source_name}" may not stand in a folder; tokens that a whole job shares are '
                '{job_id}, {date}, {time}; got "../{source_name}"',
                'subfolder: a folder is a relative path without empty, . or .. components; got "../{source_name}"',
            ],
            id="folder that leads out, with a token of single clips",
        ),
        pytest.param(
            "FOLDER_OUTPUT",
            'subfolder = "/abs"\ncreate = true\n',
            ['subfolder: a folder is a relative path without empty, . or .. components; got "/abs"'],
            id="absolute folder",
        ),
        pytest.param(
            "FOLDER_OUTPUT",
            'subfolder = "day/con"\ncreate = true\n',
            ['subfolder: component "con": "con" is a device name on Windows; got "day/con"'],
            id="folder of a device name",
        ),
        pytest.param(
            "EXCLUSIONS",
            'patterns = ["a/b", "x", "x"]\nextensions = [".THM", ""]\nhidden_files = 1\nsmaller_than_bytes = -1\n',
            [
                'patterns: stands twice in the list; got "x"',
                "patterns: not a pattern; expected a glob over a file name, at most 255 characters, no slash, "
                'got "a/b"',
                "extensions: the list must not hold an empty string",
                'extensions: not an extension; expected an extension in lower case, without its dot, got ".THM"',
                "hidden_files: wrong type; expected true or false, got the number 1",
                "smaller_than_bytes: the number is out of range; expected 0 to 9223372036854775807, got -1",
            ],
            id="exclusions that are none",
        ),
        pytest.param(
            "REPORTING",
            "enabled = true\nformats = []\n",
            ["formats: must not be empty when enabled is true"],
            id="reports of no form",
        ),
        pytest.param(
            "SCALING",
            'resolution = "half"\ncodec = "h264"\n',
            ["codec: unknown key for SCALING; it belongs to CODEC"],
            id="another category's key",
        ),
        pytest.param(
            "SCALING",
            'resolution = "half"\npresets = []\n',
            ["presets: unknown key; a category preset refers to no other preset, so no preset can contain itself"],
            id="a category preset that refers to presets",
        ),
    ],
)
def test_what_a_category_cannot_hold_is_refused_by_name(category: str, fields: str, said: list[str]) -> None:
    assert sentences(category, fields) == said


@pytest.mark.parametrize(
    ("references", "kind", "said"),
    [
        pytest.param(
            [*ALL, ("CODEC", "two")],
            DuplicateCategoryError,
            'presets: CODEC stands 2 times; expected one preset of each category, got "one", "two"',
            id="a category twice",
        ),
        pytest.param(
            ALL[1:],
            MissingCategoryError,
            "presets: CODEC is missing; expected one preset of each category",
            id="missing",
        ),
        pytest.param(
            [*ALL, ("COLOUR", "one")],
            UnknownCategoryError,
            "presets[9].category: unknown category; expected one of CODEC, SCALING, WATERMARK, NAMING, FOLDER_OUTPUT, "
            'EXCLUSIONS, DUPLICATES, QUEUE, REPORTING, got "COLOUR"',
            id="unknown",
        ),
        pytest.param(
            [*ALL, ("GLOBAL", "all")],
            UnknownCategoryError,
            "presets[9].category: a global preset refers to category presets only, so no preset can contain itself; "
            "expected one of CODEC, SCALING, WATERMARK, NAMING, FOLDER_OUTPUT, EXCLUSIONS, DUPLICATES, QUEUE, "
            'REPORTING, got "GLOBAL"',
            id="itself",
        ),
    ],
)
def test_wrong_references_are_an_error_of_their_own_type(references, kind, said: str) -> None:
    error = refused(global_text(references=references), "global.all.toml")
    assert (type(error), str(error)) == (kind, f"global.all.toml: {said}")


def test_a_global_preset_holds_no_configuration_of_its_own() -> None:
    text = global_text(more='resolution = "half"\n').replace('"CODEC", id', '"CODEC", codec = "h264", id')
    error = refused(text, "global.all.toml")
    assert [problem.sentence for problem in error.problems] == [
        "global.all.toml: resolution: unknown key: a global preset holds references and no configuration; "
        "it belongs into a SCALING preset",
        "global.all.toml: presets[0].codec: unknown key: a reference holds a category and an id, no configuration",
    ]


def test_an_unknown_kind_is_an_unknown_category() -> None:
    error = refused('kind = "COLOUR"\n', "colour.one.toml")
    assert type(error) is UnknownCategoryError
    assert "GLOBAL, CODEC" in str(error)


def test_a_file_is_named_after_its_preset() -> None:
    assert str(refused(category_text("SCALING"), "half.toml")) == (
        "half.toml: id: the file is not named after its preset; expected scaling.one.toml, got half.toml"
    )


@pytest.mark.parametrize("text", [pytest.param("=", id="no key"), pytest.param("a = 1\na = 2", id="key twice")])
def test_text_that_is_no_toml_is_refused_with_its_place(text: str) -> None:
    assert str(refused(text, "x.toml")).startswith("x.toml: not TOML: ")


VALUES = st.one_of(
    st.sampled_from(
        ['"half"', '""', '"none"', "true", "0", "25", "-1", "1.5", "nan", "[]", '["a"]', "{}", "1979-05-27"]
    ),
    st.text(alphabet=string.ascii_letters + "{}_./*", max_size=8).map(lambda text: f'"{text}"'),
)
KEYS = st.sampled_from(
    ["resolution", "presets", "kind", "id", "version", "template", "subfolder", "create", "patterns", "queue", "hold"]
)


def outcome(text: str) -> object:
    """The preset, or what is wrong with it."""
    try:
        return read_preset(text=text, file="a.toml")
    except PresetValidationError as error:
        return error.problems


@given(kind=st.sampled_from([*FIELDS, "GLOBAL", "X"]), pairs=st.dictionaries(KEYS, VALUES, max_size=6))
def test_whatever_a_file_says_it_is_refused_under_a_wrong_name(kind: str, pairs: dict[str, str]) -> None:
    text = "".join(f"{key} = {value}\n" for key, value in {"kind": f'"{kind}"', **pairs}.items())
    problems = outcome(text)
    assert isinstance(problems, tuple)
    assert all(problem.file == "a.toml" and problem.rule for problem in problems)
    assert problems == outcome(text) != ()


@given(category=st.sampled_from(list(FIELDS)), key=st.integers(0, 4))
def test_no_key_of_a_category_can_be_left_out(category: str, key: int) -> None:
    lines = FIELDS[category].splitlines(keepends=True)
    dropped = lines.pop(key % len(lines)).partition(" = ")[0]
    assert f"{dropped}: required key is missing" in sentences(category, "".join(lines))
