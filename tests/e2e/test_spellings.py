"""One job whose paths are those of Windows, macOS and Linux clients of the same storage, really made."""

import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.begun import until
from tests.e2e.parts import Parts
from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Workplace, media_in
from tests.footage.kind import ClipKind

ROOTS = ("media=/srv/media", "media=/Volumes/media", "media=M:\\", "media=\\\\nas01\\media", "proxies=P:\\proxies")


def options(*roots: str) -> list[str]:
    return [word for root in roots for word in ("--root", root)]


def test_windows_macos_and_linux_paths_of_one_job_are_one_storage(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    storage, proxies = workplace.directory("mnt"), workplace.directory("out")
    (storage / "day 1").mkdir()
    clip = footage[ClipKind.H264_LONG_GOP_23976]
    for name in ("A001.mov", "A002.mov", "A003.mov", unicodedata.normalize("NFC", "Café.mov")):
        shutil.copy(clip, storage / "day 1" / name)
    parts.scheduler(*options(*ROOTS))
    parts.executor("--mount", f"media={storage}", "--mount", f"proxies={proxies}")
    sources = [
        "M:\\day 1\\A001.mov",
        "\\\\NAS01\\Media\\day 1\\A002.mov",
        "/srv/media/day 1/A003.mov",
        unicodedata.normalize("NFD", "/Volumes/media/day 1/Café.mov"),
    ]
    spec = workplace.spec(proxy_spec(sources=sources, output=Path("ignored"), output_directory="P:\\proxies"))

    stray = proxy_spec(sources=["N:\\day 1\\A001.mov"], output=Path("ignored"), output_directory="P:\\proxies")
    refused = parts.ask("submit", workplace.spec(stray, name="stray.json"), "--json")
    result = parts.result(parts.submit(spec))

    assert refused.code == 1
    assert "N:\\day 1\\A001.mov lies under no storage root" in refused.stderr
    assert result["final_status"] == "COMPLETED"
    assert [one["source_path"] for one in result["clips"]] == sources
    assert [one["resolved_output_path"] for one in result["clips"]] == [
        "P:\\proxies\\A001_proxy.mp4",
        "P:\\proxies\\A002_proxy.mp4",
        "P:\\proxies\\A003_proxy.mp4",
        unicodedata.normalize("NFD", "P:\\proxies\\Café_proxy.mp4"),
    ]
    assert media_in(proxies) == sorted(
        Path(one["resolved_output_path"].replace("\\", "/")).name for one in result["clips"]
    )


def test_a_disk_that_is_not_mounted_is_not_taken_for_an_empty_one(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    storage, proxies = workplace.directory("mnt"), workplace.directory("out")
    shutil.copy(footage[ClipKind.H264_LONG_GOP_23976], storage / "A001.mov")
    option = workplace.proxx("roots", "init", proxies, "--name", "proxies").stdout.split()
    parts.scheduler(*options("media=/srv/media", "proxies=/srv/proxies"))
    mounts = ("--mount", f"media={storage}", "--mount", f"proxies={proxies}", *option)
    parts.executor(*mounts)
    away = workplace.root / "disk"
    proxies.rename(away)
    proxies.mkdir()
    spec = workplace.spec(proxy_spec(sources=["/srv/media/A001.mov"], output=Path("/srv/proxies")))

    key = parts.submit(spec)
    until(
        lambda: parts.job(key)["job"].get("waiting_reason", {}).get("code") in ("NO_ROOT", "STORAGE"),
        seconds=30,
        what="a wait",
    )
    assert media_in(proxies) == []
    proxies.rmdir()
    away.rename(proxies)

    assert parts.result(key)["final_status"] == "COMPLETED"
    assert media_in(proxies) == [".proxx-root", "A001_proxy.mp4"]
