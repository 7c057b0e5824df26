"""Other people's files through a real `proxx run`, and the proxies before witnesses: what tools.media_report tables."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tests.witness.comparison import WITNESSES, compare
from tests.witness.moving_pictures import MovingPictures, look
from tests.witness.testimony import Testimony
from tools.stages import ROOT

MEDIA = Path(os.environ.get("PROXX_TEST_MEDIA", ROOT.parent / "shared" / "media"))
MANIFEST = MEDIA / "MANIFEST.csv"
PROXX = Path(sys.executable).with_name("proxx")
RUN_SECONDS = 3600
SPAN_SECONDS = Fraction(2, 1000)
"""Matroska and some MP4 writers round times to whole milliseconds, at both ends."""
ADDRESS = re.compile(r" @ 0x[0-9a-f]+")
KEEPS_ROTATION = ("mov", "mp4")
"""In other containers the pixels are turned."""
NO_TIMECODE = "00:00:00:00"
"""What MXF states where there is none; it always states one."""
COMPLETED, REFUSED, FAILED = "COMPLETED", "refused", "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A container and a resolution that are asked for."""

    container: str
    resolution: str

    def __str__(self) -> str:
        """For tables."""
        return f"{self.container} {self.resolution}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One profile, its codec word, and the forms to ask for, one after another until none refuses."""

    profile: str
    codec: str
    forms: tuple[Form, ...]


def _way(profile: str, codec: str, *containers: str) -> Way:
    forms = (Form(container=container, resolution=size) for container in containers for size in ("half", "same"))
    return Way(profile=profile, codec=codec, forms=tuple(forms))


WAYS = (
    _way("proxy_h264_low", "h264", "mp4"),
    _way("proxy_prores_proxy", "prores_proxy", "mov"),
    _way("proxy_dnxhr_lb", "dnxhr", "mxf", "mov"),
)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one file in one form. `doubts` are what a witness says otherwise of a COMPLETED one."""

    word: str
    form: Form
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)


def sources() -> list[str]:
    """Every file that the manifest gives to ffmpeg and whose beginning decodes."""
    with MANIFEST.open(newline="", encoding="utf-8") as file:
        return sorted(
            row["file"]
            for row in csv.DictReader(file)
            if row["expected"] == "ffmpeg" and row["decode_check"].startswith("ok")
        )


def try_way(way: Way, files: Sequence[str], *, looks: Mapping[str, MovingPictures]) -> dict[str, tuple[Outcome, ...]]:
    """Proxy every file in the first form; those that are refused there, in the next. The last outcome is the one."""
    outcomes: dict[str, tuple[Outcome, ...]] = dict.fromkeys(files, ())
    waiting = list(files)
    for form in way.forms:
        if not waiting:
            break
        with tempfile.TemporaryDirectory(prefix="proxx-media-") as name:
            found = dict(_try(way, waiting, form=form, directory=Path(name), looks=looks))
        for file in waiting:
            outcomes[file] = (*outcomes[file], found[file])
        waiting = [file for file in waiting if found[file].word == REFUSED]
    return outcomes


def look_at_sources(files: Sequence[str]) -> dict[str, MovingPictures]:
    """What the decoding witness sees in each source; one that it cannot read is left out."""
    seen = {}
    for file in files:
        try:
            seen[file] = look(MEDIA / file)
        except (av.error.FFmpegError, ValueError) as error:
            print(f"the witness cannot read {file}: {type(error).__name__}", flush=True)
    return seen


def _try(
    way: Way, files: list[str], *, form: Form, directory: Path, looks: Mapping[str, MovingPictures]
) -> Iterator[tuple[str, Outcome]]:
    """A job with a source that cannot be is REJECTED as a whole: those are left out, and the others run."""
    result = _run(way, files, form=form, directory=directory)
    refused = _refusals(result, files)
    for file, reasons in refused.items():
        yield file, Outcome(word=REFUSED, form=form, reasons=tuple(reasons))
    rest = [file for file in files if file not in refused]
    if refused and rest:
        result = _run(way, rest, form=form, directory=directory)
        again = _refusals(result, rest)
        if again:
            raise RuntimeError(f"refused only at the second time: {again}")
    for file, clip in zip(rest, result["clips"] if rest else (), strict=True):
        yield file, _outcome(file, clip, form=form, look_at_source=looks.get(file))
        print(f"{way.profile} {form} {file}: {clip['status']}", flush=True)


def _run(way: Way, files: Sequence[str], *, form: Form, directory: Path) -> dict[str, Any]:
    output = directory / "out"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir()
    spec = {
        "jobspec_version": "2.1",
        "sources": [str(MEDIA / file) for file in files],
        "output_directory": str(output),
        "codec": way.codec,
        "container": form.container,
        "resolution": form.resolution,
        "naming_template": "{index}_{source_name}",
        "proxy_profile": way.profile,
    }
    path = directory / "job.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    done = subprocess.run(
        [str(PROXX), "run", str(path), "--failure-policy", "continue", "--no-progress"],
        env={**os.environ, "XDG_STATE_HOME": str(directory / "state"), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    if not done.stdout:
        raise RuntimeError(f"proxx run ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _refusals(result: Mapping[str, Any], files: Sequence[str]) -> dict[str, list[str]]:
    refused: dict[str, list[str]] = {}
    for violation in result["violations"]:
        place = violation["field"]
        if not place.startswith("sources["):
            raise RuntimeError(f"the job was refused: {violation}")
        file = files[int(place.removeprefix("sources[").removesuffix("]"))]
        refused.setdefault(file, []).append(f"{violation['code']}: {_plain(violation['message'], file)}")
    return refused


def _outcome(file: str, clip: Mapping[str, Any], *, form: Form, look_at_source: MovingPictures | None) -> Outcome:
    warnings = tuple(clip["warnings"])
    if clip["status"] != COMPLETED:
        said = _plain(next(iter(clip["stderr"].splitlines()), ""), file)
        reason = f"{clip['failure_kind']}: {_plain(str(clip['failure_reason']), file)}"
        reason += f" ({said})" if said and said not in reason else ""
        return Outcome(word=FAILED, form=form, reasons=(reason,), warnings=warnings)
    made = Outcome(word=COMPLETED, form=form, warnings=warnings)
    path = Path(clip["resolved_output_path"])
    ours = _facts(clip["output_facts"])
    for witness in WITNESSES:
        if not witness.missing():
            found = compare(ours=ours, witness=witness, path=path)
            made.doubts += [finding.text for finding in found if finding.unexplained]
    if look_at_source is not None:
        made.doubts += _against_source(look_at_source, look(path), container=form.container)
    return made


def _facts(facts: Mapping[str, Any]) -> Testimony:
    """Those facts of a result that witnesses show too.

    A rate that varies is an average, and each has its own. The angle of a mirrored picture depends on which is done
    first, turning or mirroring.
    """
    video, timecode = facts["video"], facts["timecode"]
    rate = {"frame rate": Fraction(video["frame_rate"])} if video["constant_frame_rate"] else {}
    turned = {} if video["mirrored"] else {"rotation": video["rotation"]}
    return {
        "container": facts["container"],
        "codec": video["codec"],
        "raster": f"{video['width']}x{video['height']}",
        "frame count": video["frame_count"],
        "timecode": timecode["label"] if timecode is not None else None,
        "drop-frame": timecode["drop_frame"] if timecode is not None else None,
        "audio channels": tuple(track["channels"] for track in facts["audio"]),
        **turned,
        **rate,
    }


def _against_source(source: MovingPictures, proxy: MovingPictures, *, container: str) -> list[str]:
    """What one witness, asked about both files, sees in the proxy and not in the source."""
    doubts = []
    if source.frames != proxy.frames:
        lost = f" and {source.errors} packets that do not decode" if source.errors else ""
        doubts.append(f"frames: {source.frames} in the source{lost}, {proxy.frames} in the proxy")
    if source.span is None or proxy.span is None or abs(source.span - proxy.span) > SPAN_SECONDS:
        doubts.append(
            f"first to last picture: {_seconds(source.span)} in the source, {_seconds(proxy.span)} in the proxy"
        )
    if source.rotation != proxy.rotation and container in KEEPS_ROTATION:
        doubts.append(f"rotation: {source.rotation} in the source, {proxy.rotation} in the proxy")
    unstated = (None, NO_TIMECODE) if container == "mxf" else (None,)
    if source.timecode != proxy.timecode and not (source.timecode is None and proxy.timecode in unstated):
        doubts.append(f"timecode: {source.timecode} in the source, {proxy.timecode} in the proxy")
    return doubts


def _seconds(span: Fraction | None) -> str:
    return "unknown" if span is None else f"{float(span):.6f} s"


def _plain(text: str, file: str) -> str:
    """Without the name of the file, which stands beside it, and without what differs from host to host."""
    name = Path(file).name
    for part in (f"{MEDIA}/{file}", f"{MEDIA}/", f'"{name}" ', f"{name}: "):
        text = text.replace(part, "")
    return ADDRESS.sub("", text)
