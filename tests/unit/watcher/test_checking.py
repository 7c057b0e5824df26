"""`--check` prints the folders as they were read, with what keeps them from being watched now."""

import json
from pathlib import Path

import pytest

from proxx_watcher.checking import print_folders
from proxx_watcher.settings import read_settings

TEXT = """
scheduler = "10.0.0.7:7600"
[[folder]]
name = "drops"
path = "{here}"
max_workers = 3
[[folder]]
name = "cards"
path = "{here}/nowhere/\\u202ecards"
layout = "media"
auto_execute = true
preset = "web_h264"
output_directory = "/mnt/out"
[[folder]]
name = "old"
path = "/mnt/old"
enabled = false
"""


def test_folders_are_printed_as_they_are_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "watch.toml"
    drops = tmp_path / "drops"
    drops.mkdir()
    file.write_text(TEXT.format(here=drops).replace(f"{drops}/nowhere", f"{tmp_path}/nowhere"))
    print_folders(read_settings(["--settings", str(file), "--check", "--json"]))
    found = json.loads(capsys.readouterr().out)
    assert found["scheduler"] == "10.0.0.7:7600"
    assert [(folder["name"], folder["layout"], folder["path"], folder["remark"]) for folder in found["folders"]] == [
        ("drops", "auto", str(drops), ""),
        ("cards", "media", f"{tmp_path}/nowhere/\\u202ecards", "the folder is not there"),
        ("old", "auto", "/mnt/old", "not enabled"),
    ]
    assert (found["folders"][0]["max_workers"], found["folders"][1]["auto_execute"]) == (3, True)
    print_folders(read_settings(["--settings", str(file), "--check"]))
    assert capsys.readouterr().out.splitlines()[2] == "old, auto, /mnt/old: not enabled"
