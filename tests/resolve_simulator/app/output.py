"""What lies on disk after a render that calls itself complete: the switch `output`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from tests.resolve_simulator.app.shot import Shot
from tests.resolve_simulator.quirks import Quirks


def spoil(shot: Shot, quirks: Quirks) -> Shot:
    """Return what is really rendered in the place of `shot`; the other values spoil the finished files."""
    match quirks.output:
        case "short":
            return replace(shot, frames=max(shot.frames + quirks.output_delta, 1))
        case "wrong_timecode":
            return replace(shot, timecode=quirks.output_timecode)
        case "no_timecode":
            return replace(shot, timecode=None)
        case "no_audio":
            return replace(shot, audio=())
        case "fewer_channels":
            return replace(shot, audio=shot.audio[:-1] if len(shot.audio) > 1 else (1,))
        case "no_video":
            return replace(shot, has_video=False, audio=shot.audio or (2,))
        case "other_name":
            return replace(shot, name=f"V1-0001_{shot.name}")
        case "subfolder":
            return replace(shot, name=f"v1/{shot.name}")
        case "wrong_raster":
            return replace(shot, width=shot.width + 16)
        case "wrong_rate":
            return replace(shot, rate=Fraction(25) if shot.rate != 25 else Fraction(24))
        case "slate":
            return replace(shot, picture="color=c=red")
        case "black":
            return replace(shot, picture="color=c=black")
        case "wrong_codec":
            return replace(shot, codec_id="PJPEG")
    return shot


def finish(files: list[Path], quirks: Quirks) -> None:
    """Do to finished files what the switch says."""
    for path in files:
        match quirks.output:
            case "missing":
                path.unlink()
            case "two_files":
                path.with_name(f"{path.stem}_1{path.suffix}").write_bytes(path.read_bytes())
            case "zero_length":
                path.write_bytes(b"")
            case "truncated":
                path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
