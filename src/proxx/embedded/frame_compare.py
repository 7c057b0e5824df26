"""Finds where two proxies differ first, by hashing their packets and, where these differ, their pictures."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.facts import TimecodeFacts
from proxx.core.planner.codec_rules import DEMUXERS
from proxx.core.reproduce.frame_hashes import FrameHashes
from proxx.core.reproduce.locate import FirstDifference, first_difference, packets_differ
from proxx.engine.together import together
from proxx.engine.tool import ToolRequest, ToolRunner

STALL_SECONDS = 300.0
_PACKETS = ("-map", "0", "-c", "copy")
_PICTURES = ("-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base:v", "-1")
_HASHED = ("-fflags", "+bitexact", "-hash", "murmur3", "-f", "framehash", "pipe:1")


class HashingFailedError(RuntimeError):
    """A file could not be read to its end, so the first difference is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameComparer:
    """Runs FFmpeg on both files side by side."""

    runner: ToolRunner
    ffmpeg: str

    async def compare(
        self, *, published: Path, remade: Path, container: str, timecode: TimecodeFacts | None
    ) -> FirstDifference:
        """Return the first difference of two files of the same container.

        Raises:
            HashingFailedError: FFmpeg cannot read one of them; the message names it.
        """
        packets = await together(self._hash(published, container, _PACKETS), self._hash(remade, container, _PACKETS))
        pictures = None
        if packets_differ(packets):
            pictures = await together(
                self._hash(published, container, _PICTURES), self._hash(remade, container, _PICTURES)
            )
        return first_difference(packets=packets, pictures=pictures, timecode=timecode)

    async def _hash(self, path: Path, container: str, what: tuple[str, ...]) -> FrameHashes:
        demuxer = DEMUXERS[container]
        argv = (
            *(self.ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error"),
            *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-noautorotate"),
            *("-f", demuxer, "-i", f"file:{path}", *what, *_HASHED),
        )
        hashes = FrameHashes()
        request = ToolRequest(argv=argv, readable=(path,), stall_seconds=STALL_SECONDS)
        result = await self.runner.run(request, on_line=hashes.feed)
        if not result.ok and not hashes.units:
            said = next(iter(result.error_lines), result.end.value)
            raise HashingFailedError(f"{path} cannot be read: {said}")
        return hashes
