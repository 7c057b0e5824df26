"""The table of media keys in docs/WATCH_FOLDERS.md names every key, with the default that the code has."""

import re
import tomllib
from pathlib import Path

from proxx_watcher.domain.media_settings import MEDIA_KEYS, MediaSettings, read_media_settings

PAGE = Path(__file__).parents[3] / "docs" / "WATCH_FOLDERS.md"
ROW = re.compile(r"\| `([a-z_.]+)` \| `(.*?)` \| .+ \|")


def documented() -> dict[str, str]:
    section = PAGE.read_text(encoding="utf-8").partition("### Keys of media folders\n")[2].partition("\n## ")[0]
    return {match[1]: match[2] for match in map(ROW.fullmatch, section.splitlines()) if match is not None}


def test_every_key_has_a_row_and_every_row_is_a_key() -> None:
    tables = MEDIA_KEYS.keys() - {""}
    nested = {f"{table}.{key}" for table in tables for key in MEDIA_KEYS[table]}
    assert documented().keys() == (MEDIA_KEYS[""] - tables) | nested


def test_the_defaults_are_those_of_the_code() -> None:
    text = "\n".join(f"{key} = {value}" for key, value in documented().items())
    table = tomllib.loads(text)
    assert read_media_settings(table=table) == MediaSettings()
