"""The shipped profiles, and a site's own beside them."""

from pathlib import Path

import pytest

from proxx.core.detection import Engine
from proxx.core.table_reader import ProfileError
from proxx.runtime.profile_files import builtin_library, load_library
from tests.unit.core.test_profile_reader import GOOD

SEED_NAMES = {
    "proxy_h264_low",
    "proxy_prores_proxy",
    "proxy_prores_proxy_resolve",
    "proxy_dnxhr_lb_resolve",
    "offline_h264_1920x1080",
}


def test_the_names_of_the_source_documents_are_shipped() -> None:
    assert set(builtin_library().names()) >= SEED_NAMES


def test_every_codec_word_has_an_ffmpeg_profile() -> None:
    words = {
        word
        for profile in builtin_library().profiles
        if profile.engine is Engine.FFMPEG
        for word in (profile.codec, *profile.codec_aliases)
    }
    assert words == {
        *("prores_proxy", "prores_lt", "prores_standard", "prores_hq", "prores_4444"),
        *("h264", "h265", "hevc", "dnxhd", "dnxhr", "vp9", "av1"),
    }


def test_the_printed_job_of_seed_004_fits_its_profile() -> None:
    profile = builtin_library().get("proxy_h264_low")
    assert profile is not None
    assert (profile.codec, "mp4" in profile.containers, "half" in profile.resolutions) == ("h264", True, True)


def test_resolve_profiles_have_no_time_limit_but_a_watchdog() -> None:
    limits = {
        (profile.timeout_seconds, profile.stall_seconds)
        for profile in builtin_library().profiles
        if profile.engine is Engine.RESOLVE
    }
    assert limits == {(None, 300)}


def test_a_site_directory_adds_its_profiles(tmp_path: Path) -> None:
    (tmp_path / "site_h264.toml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("not a profile")
    assert set(load_library(directory=tmp_path).names()) - set(builtin_library().names()) == {"site_h264"}


def test_all_broken_files_of_a_site_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("=")
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(ProfileError) as caught:
        load_library(directory=tmp_path)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["a.toml", "b.toml"]
    assert caught.value.problems[1] == "b.toml: name: the file of site_h264 must be named site_h264.toml"


def test_a_shipped_name_cannot_be_taken(tmp_path: Path) -> None:
    (tmp_path / "proxy_h264_low.toml").write_text(GOOD.replace("site_h264", "proxy_h264_low"))
    with pytest.raises(ProfileError, match="proxy_h264_low is a shipped profile; a name stands for one recipe"):
        load_library(directory=tmp_path)


def test_a_missing_directory_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=f"profile directory {tmp_path / 'absent'}: "):
        load_library(directory=tmp_path / "absent")
