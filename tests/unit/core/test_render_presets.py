"""The shipped render presets: each is the one that its profile means, and holds what no setting can say."""

import hashlib
from importlib import resources
from xml.etree import ElementTree

import pytest

from proxx.core.detection import Engine
from proxx.core.profile import Profile
from proxx.runtime.profile_files import builtin_library

FILES = {
    entry.name: entry.read_bytes()
    for entry in resources.files("proxx.render_presets").iterdir()
    if entry.name.endswith(".xml")
}
RESOLVE = tuple(profile for profile in builtin_library().profiles if profile.engine is Engine.RESOLVE)
FIELDS = {
    "RecordFormatType": "mov",
    "RecordMode": "RECORD_MODE_NONE",
    "UsePrefixAndSuffixFromSrc": "1",
    "RecordPrefix": None,
    "RecordSuffix": None,
    "RecordClipUniqueName": "false",
    "RecordAllowDupImg": "1",
    "ReelInFolder": "0",
    "ClipInFolder": "0",
    "SrcDirPreserveLevel": "0",
    "SrcDirLevelsMode": "0",
    "RecordUseTgtTimeCode": "0",
    "NumFramesOfHandles": "0",
    "RenderAtSourceResolution": "false",
    "FormatWidth": "1920",
    "FormatHeight": "1080",
    "RecordDataLevel": "DATA_LEVEL_AUTO",
    "ForceHighestQualitySizing": "1",
    "ForceHighestQualityDebayerRes": "1",
    "RecordAudioNumChannels": "-1",
    "RecordAudioBitDepth": "24",
}


def test_there_is_one_preset_for_each_resolve_profile_and_no_other() -> None:
    assert sorted(FILES) == sorted(f"{profile.name}.xml" for profile in RESOLVE)


@pytest.mark.parametrize("profile", RESOLVE, ids=lambda profile: profile.name)
def test_a_profile_means_the_preset_of_its_name_by_digest(profile: Profile) -> None:
    found = hashlib.sha256(FILES[f"{profile.name}.xml"]).hexdigest()
    assert (profile.render["preset"], profile.render["preset_sha256"]) == (profile.name, found)


@pytest.mark.parametrize(
    ("name", "sub_type"), [("proxy_prores_proxy_resolve", "apco"), ("proxy_dnxhr_lb_resolve", "avc1")]
)
def test_a_preset_names_clips_after_their_sources_and_keeps_timecode_and_channels(name: str, sub_type: str) -> None:
    root = ElementTree.fromstring(FILES[f"{name}.xml"])  # noqa: S314  our own file
    found = {child.tag: child.text for child in root if not len(child)}
    pairs = [(pair.findtext("DbKey"), pair.findtext("DbVal")) for pair in root.iter("Element")]
    expected = FIELDS | {"RecordFormatSubType": sub_type}
    assert (root.tag, found, pairs) == ("SyRecordInfo", expected, [("aud_codec", "lpcm")])
