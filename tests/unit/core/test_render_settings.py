"""Resolve's settings: every key has a type, and nothing that Resolve would ignore or refuse gets through."""

import pytest

from proxx.core.project_settings import PROJECT_SETTINGS, project_setting_problem
from proxx.core.render_plan import RenderSetting
from proxx.core.render_settings import RENDER_SETTINGS, RenderSettingError, typed_settings, typed_value
from proxx.core.setting_rule import SettingWriter


@pytest.mark.parametrize(
    ("key", "value", "typed"),
    [
        pytest.param("ExportVideo", "true", True, id="true"),
        pytest.param("ExportAudio", "false", False, id="false"),
        pytest.param("FormatWidth", "1920", 1920, id="whole number"),
        pytest.param("FrameRate", "23.976", 23.976, id="decimal number"),
        pytest.param("FrameRate", "24", 24.0, id="decimal number without decimals"),
        pytest.param("PixelAspectRatio", "square", "square", id="word"),
        pytest.param("ColorSpaceTag", "Rec.709", "Rec.709", id="text"),
        pytest.param("VideoQuality", "0", 0, id="automatic quality"),
        pytest.param("VideoQuality", "Best", "Best", id="quality by word"),
    ],
)
def test_a_value_has_the_type_that_resolve_takes(key: str, value: str, typed: object) -> None:
    found = typed_value(key=key, value=value)
    assert (found, type(found)) == (typed, type(typed))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        pytest.param(
            "FormatWith", "1", '"FormatWith" is no key of SetRenderSettings, and Resolve would ignore it', id="misspelt"
        ),
        pytest.param("ExportVideo", "True", 'ExportVideo: expected true or false, got "True"', id="Python's true"),
        pytest.param("FormatWidth", "1920.0", 'FormatWidth: expected a whole number, got "1920.0"', id="no whole one"),
        pytest.param("FormatWidth", "-2", 'FormatWidth: expected a whole number, got "-2"', id="negative"),
        pytest.param("MarkIn", "٣", 'MarkIn: expected a whole number, got "٣"', id="digits of another script"),
        pytest.param("FrameRate", "nan", 'FrameRate: expected a decimal number, got "nan"', id="not a number"),
        pytest.param("AudioCodec", "", 'AudioCodec: expected text, got ""', id="empty"),
        pytest.param(
            "PixelAspectRatio",
            "round",
            'PixelAspectRatio: expected square, cinemascope, 16_9, 4_3, got "round"',
            id="no word of the key",
        ),
        pytest.param(
            "VideoQuality",
            "best",
            'VideoQuality: expected a whole number, Least, Low, Medium, High or Best, got "best"',
            id="no quality",
        ),
    ],
)
def test_what_resolve_would_not_take_is_refused_with_key_and_value(key: str, value: str, message: str) -> None:
    with pytest.raises(RenderSettingError) as caught:
        typed_value(key=key, value=value)
    assert str(caught.value) == message


def test_settings_become_one_dictionary_in_their_order() -> None:
    settings = (RenderSetting(key="FormatWidth", value="960"), RenderSetting(key="ExportVideo", value="true"))
    assert list(typed_settings(settings=settings).items()) == [("FormatWidth", 960), ("ExportVideo", True)]
    with pytest.raises(RenderSettingError, match="FormatWidth stands twice"):
        typed_settings(settings=(settings[0], settings[0]))


def test_every_key_that_no_profile_writes_says_why() -> None:
    rules = (*RENDER_SETTINGS.values(), *PROJECT_SETTINGS.values())
    assert [rule.key for rule in rules if (rule.writer is SettingWriter.PROFILE) is bool(rule.why)] == []


def test_a_project_setting_is_known_and_holds_a_known_word() -> None:
    assert project_setting_problem(key="colorScienceMode", value="acescct") == ""
    assert project_setting_problem(key="superScale", value="5") == 'expected 0, 1, 2, 3, 4, got "5"'
    assert project_setting_problem(key="colorSpaceInput", value="") == 'expected text, got ""'
    assert project_setting_problem(key="colourScience", value="x").startswith("is no project setting that Proxx knows")
