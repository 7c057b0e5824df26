"""`proxx run --preset` on generated footage: real processes, real proxies, real reports."""

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.workplace import Workplace
from tests.footage.kind import ClipKind
from tests.footage.traits import read_traits

PRESET = """kind = "GLOBAL"
id = "house"
version = 3
description = "for this test"
presets = [
  { category = "CODEC", id = "h264_low_mp4" },
  { category = "SCALING", id = "quarter" },
  { category = "WATERMARK", id = "none" },
  { category = "NAMING", id = "index_source" },
  { category = "FOLDER_OUTPUT", id = "by_date" },
  { category = "EXCLUSIONS", id = "small" },
  { category = "DUPLICATES", id = "keep_first" },
  { category = "QUEUE", id = "continue" },
  { category = "REPORTING", id = "all" },
]
"""
EXCLUSIONS = """kind = "EXCLUSIONS"
id = "small"
version = 1
description = "for this test"
patterns = ["*.lock"]
extensions = ["thm"]
hidden_files = true
smaller_than_bytes = 100
"""


def _card(workplace: Workplace, footage: Mapping[ClipKind, Path]) -> list[Path]:
    """Two clips, one of them under an odd name, what is no footage, and the second clip again."""
    card = workplace.directory("card")
    clips = [card / "=SUM(A1).avi", card / "B001.avi"]
    for clip in clips:
        shutil.copyfile(footage[ClipKind.MJPEG_AVI_25], clip)
    others = [card / "B001.THM", card / "._B001.avi", card / "card.lock", card / "tiny.avi"]
    for other in others:
        other.write_bytes(b"x" * (1 if other.name == "tiny.avi" else 200))
    return [*clips, *others, clips[1]]


def test_a_preset_makes_the_proxies_and_reports_that_it_says(
    workplace: Workplace, footage: Mapping[ClipKind, Path]
) -> None:
    site = workplace.directory("site")
    (site / "global.house.toml").write_text(PRESET)
    (site / "exclusions.small.toml").write_text(EXCLUSIONS)
    sources = _card(workplace, footage)

    done = workplace.proxx("run", "--presets", site, "--preset", "house", "--output", workplace.root / "out", *sources)

    assert done.code == 0, done.stderr
    result = done.json()
    (folder,) = (workplace.root / "out").iterdir()
    assert folder.name == result["jobspec"]["created_at"][:10].replace("-", "")
    stem = f"proxx_job_{result['job_id']}"
    proxies = sorted(path.name for path in folder.iterdir() if not path.name.startswith((".", "proxx_job_")))
    reports = {path.name.rpartition(".")[2]: path for path in folder.glob(f"{stem}_*Z.*") if path.name.count(".") == 1}
    assert proxies == ["000_=SUM(A1).mp4", "001_B001.mp4"]
    assert sorted(reports) == ["csv", "json", "txt"]
    original = read_traits(footage[ClipKind.MJPEG_AVI_25])
    assert read_traits(folder / proxies[0]).width == original.width // 4

    excluded = [line for line in done.stderr.splitlines() if line.startswith("excluded ")]
    assert [(Path(line.split(": ")[0]).name, line.rpartition(": ")[2].rstrip(")")) for line in excluded] == [
        ("B001.THM", "extensions"),
        ("._B001.avi", "hidden_files"),
        ("card.lock", "patterns"),
        ("tiny.avi", "smaller_than_bytes"),
        ("B001.avi", "repeated_sources"),
    ]
    labels = result["options"]["labels"]
    assert (labels["proxx.preset"], labels["proxx.preset.version"]) == ("house", "3")

    with reports["csv"].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source_path"], row["status"]) for row in rows] == [(str(path), "COMPLETED") for path in sources[:2]]
    assert [int(row["output_size_bytes"]) for row in rows] == [(folder / name).stat().st_size for name in proxies]
    assert all(row["verdict"].startswith("passed, ") for row in rows)
    assert json.loads(reports["json"].read_text())["result"]["job_id"] == result["job_id"]
    text = reports["txt"].read_text()
    assert "preset      house\n" in text
    assert "relink      Resolve " in text
    assert "Clip 1: COMPLETED B001.avi\n" in text


def test_a_source_listed_twice_is_refused_and_a_saved_result_is_reported_again(
    workplace: Workplace, footage: Mapping[ClipKind, Path]
) -> None:
    source = workplace.root / "A.avi"
    shutil.copyfile(footage[ClipKind.MJPEG_AVI_25], source)
    out = workplace.directory("out")

    done = workplace.proxx("run", "--preset", "web_h264", "--output", out, source, source)
    again = workplace.proxx("run", "--preset", "web_h264", "--output", out, source)
    saved = workplace.spec(again.stdout, name="r.json")
    report = workplace.proxx("report", saved, "--format", "csv")

    assert done.code == 1
    assert "is listed more than once" in done.stderr
    assert again.code == 0, again.stderr
    assert report.stdout.splitlines()[1].split(",")[1:3] == [str(source), "COMPLETED"]
    assert workplace.proxx("presets", "check").code == 0
