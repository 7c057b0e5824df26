"""Record what ffprobe of several versions says of the synthetic headers: tests/unit/core/sources/ffprobe_said.json.

python -m tools.record_ffprobe --program 5.1=ffprobe --program 6=node_modules/@ffprobe-installer/linux-x64/ffprobe \\
    --library 7.1=/path/of/an/environment/with/PyAV/bin/python

A program is asked as it is. A library is a Python that has a PyAV with FFmpeg of that version; what it says is turned
into ffprobe's words. A version that is not named keeps what the file has of it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tests" / "unit" / "core" / "sources" / "ffprobe_said.json"
ENTRIES = "format=format_name:stream=codec_type,codec_name,codec_tag_string,profile"
SECONDS = 60


def main() -> int:
    """Ask, and write the record. Returns 0."""
    parser = argparse.ArgumentParser(description="Record what ffprobe of several versions says of synthetic headers.")
    parser.add_argument("--program", action="append", default=[], metavar="VERSION=FFPROBE")
    parser.add_argument("--library", action="append", default=[], metavar="VERSION=PYTHON")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.unit.core.sources.headers import HEADERS, VERSIONS

    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    with tempfile.TemporaryDirectory(prefix="proxx-headers-") as directory:
        paths = []
        for index, header in enumerate(HEADERS):
            path = Path(directory) / f"{index:03d}" / header.name
            path.parent.mkdir()
            path.write_bytes(header.data)
            paths.append(str(path))
        for asked, ask in ((arguments.program, _program), (arguments.library, _library)):
            for item in asked:
                version, _, tool = item.partition("=")
                said = ask(tool, paths)
                titles = [header.title for header in HEADERS]
                record[version] = {**said, "answers": dict(zip(titles, said["answers"], strict=True))}
    ordered = {version: record[version] for version in VERSIONS if version in record}
    RECORD.write_text(_written(ordered), encoding="utf-8")
    print(f"{RECORD.name}: {len(HEADERS)} files, versions {', '.join(ordered)}")
    return 0


def _program(ffprobe: str, paths: list[str]) -> dict[str, Any]:
    lines = subprocess.run([ffprobe, "-version"], capture_output=True, text=True, check=True).stdout.splitlines()
    library = next(" ".join(line.partition("/")[0].split()) for line in lines if line.startswith("libavformat"))
    made = f"the program ffprobe {lines[0].split()[2]} ({library})"
    return {"made_by": made, "answers": [_asked(ffprobe, path) for path in paths]}


def _asked(ffprobe: str, path: str) -> dict[str, Any]:
    argv = [ffprobe, "-v", "quiet", "-show_entries", ENTRIES, "-of", "json", f"file:{path}"]
    done = subprocess.run(argv, capture_output=True, check=False, timeout=SECONDS)
    if done.returncode:
        return {"error": f"exit code {done.returncode}"}
    document = json.loads(done.stdout)
    return {"format_name": document["format"]["format_name"], "streams": document["streams"]}


def _library(python: str, paths: list[str]) -> dict[str, Any]:
    argv = [python, str(Path(__file__).with_name("libav_answers.py")), *paths]
    done = subprocess.run(argv, capture_output=True, check=True, timeout=SECONDS)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _written(record: dict[str, Any]) -> str:
    """One line an answer, so that a changed one shows in a diff."""
    lines = []
    for version, said in record.items():
        answers = ",\n".join(
            f"   {json.dumps(title)}: {json.dumps(answer, sort_keys=True)}" for title, answer in said["answers"].items()
        )
        made = json.dumps(said["made_by"])
        lines.append(f' {json.dumps(version)}: {{\n  "made_by": {made},\n  "answers": {{\n{answers}\n  }}\n }}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
