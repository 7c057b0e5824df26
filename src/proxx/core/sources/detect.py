"""The decision for one source: bytes first, then the name; which engine, and the fact behind it."""

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, Detection, DetectionReason, Engine
from proxx.core.sources import forms, matrix, raw_matrix
from proxx.core.sources.byte_source import ByteSource
from proxx.core.sources.clip_track import clip_track
from proxx.core.sources.inspect import UnreadableError, read_bytes
from proxx.core.sources.reading import DngFrame, Form, FormKind, Reading, VideoTrack, printable
from proxx.core.sources.tiff import LINEAR_RAW, SENSOR_MOSAIC

_TRANSCODE = "Export ProRes or DNxHR from an editing system before proxy generation."
_RAW_ELSEWHERE = "Export ProRes or DNxHR from DaVinci Resolve before proxy generation."
_COPY_AGAIN = "Copy the file again from the camera card or its backup."
_CHECK_NAME = "Check where the file comes from and give it the extension of what it is."
_NO_PICTURE = "Remove it from the job: a proxy needs a video track."
_STILL_ACTION = "Remove it from the job: stills have no proxies."
_RAW_FORMS = {forms.REDCODE.word: "redcode", forms.ARRIRAW.word: "arriraw"}


def detect(*, name: str, data: ByteSource, source_matrix: int = DEFAULT_SOURCE_MATRIX) -> Detection:
    """Return what the source is and which engine takes it, by its bytes, its file name and the site's matrix.

    Never raises for what the bytes hold; costs at most a few thousand bounded reads.

    Raises:
        OSError: the bytes cannot be read.
        ValueError: there is no such version of the source matrix.
    """
    return inspect_source(name=name, data=data, source_matrix=source_matrix)[0]


def inspect_source(
    *, name: str, data: ByteSource, source_matrix: int = DEFAULT_SOURCE_MATRIX
) -> tuple[Detection, Reading | None]:
    """Return the decision and what was read of the file; no reading when the bytes could not be read as a format.

    Raises:
        OSError: the bytes cannot be read.
        ValueError: there is no such version of the source matrix.
    """
    file = _File(name)
    if data.size == 0:
        return file.reject(DetectionReason.EMPTY, "the file holds no bytes", action=_COPY_AGAIN), None
    try:
        reading = read_bytes(data=data)
    except UnreadableError as error:
        return _unreadable(file, error), None
    return _decide(file, reading, source_matrix), reading


class _File:
    """The file's name, and what its extension claims."""

    def __init__(self, name: str) -> None:
        self.name = printable(text=name.rsplit("/", 1)[-1], limit=255)
        stem, dot, extension = name.rsplit("/", 1)[-1].rpartition(".")
        self.extension = extension.lower() if dot and stem else ""
        self.claimed = matrix.container_of(extension=self.extension)
        self.raw = raw_matrix.claims_raw(extension=self.extension)
        self.unproven = raw_matrix.unproven(extension=self.extension)

    def said(self) -> str:
        if not self.extension:
            return "the name has no extension"
        written = f"the name says .{printable(text=self.extension)}"
        if self.raw is not None:
            return f"{written}, which is {self.raw.name}"
        return f"{written} ({self.unproven.name}: {self.unproven.why})" if self.unproven is not None else written

    def reject(
        self,
        reason: DetectionReason,
        sentence: str,
        *,
        container: str | None = None,
        track: VideoTrack | None = None,
        action: str = _TRANSCODE,
    ) -> Detection:
        return self._made(None, reason, sentence, container, track, action)

    def accept(
        self, engine: Engine, reason: DetectionReason, sentence: str, *, container: str, track: VideoTrack
    ) -> Detection:
        return self._made(engine, reason, sentence, container, track, "")

    def _made(
        self,
        engine: Engine | None,
        reason: DetectionReason,
        sentence: str,
        container: str | None,
        track: VideoTrack | None,
        action: str,
    ) -> Detection:
        codec = track.codec if track is not None else None
        entry = track.sample_entry if track is not None else None
        written = f" ({entry})" if entry is not None else ""
        detail = f"{self.name}: container {container or 'unknown'}, codec {codec or 'unknown'}{written}: {sentence}."
        return Detection(
            engine=engine,
            reason=reason,
            container=container,
            codec=codec,
            sample_entry=entry,
            detail=detail,
            action=action,
        )


def _unreadable(file: _File, error: UnreadableError) -> Detection:
    if error.form is None:
        sentence = f"the file {error}; {file.said()}"
        return file.reject(DetectionReason.UNREADABLE, sentence, action=_COPY_AGAIN)
    container = _container_word(file, error.form)
    sentence = f"the file begins like {error.form.name} and {error}"
    reason = DetectionReason.TRUNCATED if error.cut_off else DetectionReason.UNREADABLE
    return file.reject(reason, sentence, container=container, action=_COPY_AGAIN)


def _container_word(file: _File, form: Form) -> str:
    return file.claimed if file.claimed in form.containers else form.word


def _decide(file: _File, reading: Reading, version: int) -> Detection:
    form = reading.form
    if form.kind is FormKind.RAW:
        return _raw_file(file, form)
    if form.kind is FormKind.MATRIX:
        return _tracks(file, reading, version)
    if file.claimed is not None or file.raw is not None:
        sentence = f"the bytes are those of {form.name} and {file.said()}"
        return file.reject(DetectionReason.CONTRADICTION, sentence, container=form.word, action=_CHECK_NAME)
    if form.kind is FormKind.STILL:
        sentence = f"it is {form.name}, a still and not a clip"
        if reading.frame is not None:
            sentence += f"; {_dng_words(reading.frame)}"
        return file.reject(DetectionReason.STILL_PICTURE, sentence, container=form.word, action=_STILL_ACTION)
    if form.kind is FormKind.AUDIO:
        sentence = f"it is {form.name} and has no video track"
        return file.reject(DetectionReason.NO_VIDEO, sentence, container=form.word, action=_NO_PICTURE)
    sentence = f"{form.name} is not a container of the source matrix"
    if file.unproven is not None:
        sentence += f"; {file.said()}"
    return file.reject(DetectionReason.CONTAINER_UNSUPPORTED, sentence, container=form.word)


def _dng_words(frame: DngFrame) -> str:
    if frame.photometric == SENSOR_MOSAIC:
        return "it may be a frame of a CinemaDNG clip, which is two or more numbered frames of one size"
    if frame.photometric == LINEAR_RAW:
        return "it holds LinearRaw and no sensor mosaic, so it is no frame of a CinemaDNG clip"
    return "it holds no sensor mosaic, so it is no frame of a CinemaDNG clip"


def _raw_file(file: _File, form: Form) -> Detection:
    row = raw_matrix.RAW_BY_CODEC[_RAW_FORMS[form.word]]
    track = VideoTrack(sample_entry="RED" if row.codec == "redcode" else "ARRI", codec=row.codec)
    return _raw(file, row, track, container=form.word, name=form.name)


def _raw(file: _File, row: raw_matrix.RawRow, track: VideoTrack, *, container: str, name: str) -> Detection:
    if file.extension not in row.extensions:
        listed = " or ".join(f".{extension}" for extension in row.extensions)
        sentence = f"the bytes are those of {name} holding {row.name} ({listed}) and {file.said()}"
        return file.reject(
            DetectionReason.CONTRADICTION, sentence, container=container, track=track, action=_CHECK_NAME
        )
    sentence = f"camera RAW, proven by its bytes ({row.proof})"
    return file.accept(Engine.RESOLVE, DetectionReason.CAMERA_RAW, sentence, container=container, track=track)


def _tracks(file: _File, reading: Reading, version: int) -> Detection:
    form = reading.form
    container = _container_word(file, form)
    track = clip_track(reading=reading)
    if track is None:
        covers = ", only cover pictures" if reading.video else ""
        sentence = f"{form.name} without a video track{covers}"
        return file.reject(DetectionReason.NO_VIDEO, sentence, container=container, action=_NO_PICTURE)
    conflict = track.conflict or _two_classes(reading)
    if conflict:
        return file.reject(
            DetectionReason.CONTRADICTION, conflict, container=container, track=track, action=_RAW_ELSEWHERE
        )
    row = raw_matrix.RAW_BY_CODEC.get(track.codec or "")
    if row is not None:
        return _raw(file, row, track, container=container, name=form.name)
    if file.raw is not None:
        sentence = f"the bytes are those of {form.name} and {file.said()}" + (
            f"; {track.remark}" if track.remark else ""
        )
        return file.reject(
            DetectionReason.CONTRADICTION, sentence, container=container, track=track, action=_CHECK_NAME
        )
    if file.claimed is None:
        sentence = f"the bytes are those of {form.name} and {file.said()}, which is no container of the source matrix"
        return file.reject(DetectionReason.CONTAINER_UNSUPPORTED, sentence, container=container, track=track)
    if file.claimed not in form.containers:
        sentence = f"the bytes are those of {form.name} and {file.said()}"
        return file.reject(
            DetectionReason.CONTRADICTION, sentence, container=container, track=track, action=_CHECK_NAME
        )
    return _standard(file, track, container=file.claimed, version=version)


def _two_classes(reading: Reading) -> str:
    """Name two video tracks of which one is camera RAW and the other is not, or is another camera RAW."""
    clips = [track for track in reading.video if not track.cover and track.has_samples]
    raw = next((track for track in clips if track.codec in raw_matrix.RAW_BY_CODEC), None)
    other = next((track for track in clips if raw is not None and track.codec != raw.codec), None)
    if raw is None or other is None:
        return ""
    word = "is another class of it" if other.codec in raw_matrix.RAW_BY_CODEC else "is not"
    return f"one video track is camera RAW ({raw.codec}) and another {word} ({other.codec or other.sample_entry})"


def _standard(file: _File, track: VideoTrack, *, container: str, version: int) -> Detection:
    if track.codec is None:
        remark = f" ({track.remark})" if track.remark else ""
        sentence = f"no table names this codec{remark}, and unknown codecs are Resolve's"
        return file.accept(Engine.RESOLVE, DetectionReason.UNKNOWN_CODEC, sentence, container=container, track=track)
    if matrix.in_matrix(container=container, codec=track.codec, version=version):
        sentence = f"container and codec stand in source matrix {version}"
        return file.accept(Engine.FFMPEG, DetectionReason.STANDARD_CODEC, sentence, container=container, track=track)
    if (container, track.codec) == ("mov", "dnxhd"):
        return file.reject(
            DetectionReason.NOT_IN_MATRIX,
            matrix.DNXHD_IN_MOV,
            container=container,
            track=track,
            action="Wrap it in MXF, or export DNxHR, which supports MOV, before proxy generation.",
        )
    later = matrix.first_version(container=container, codec=track.codec)
    elsewhere = f"; matrix {later} has it, if the site sets it" if later is not None else ""
    sentence = f"{track.codec} in {container} is not in source matrix {version}{elsewhere}"
    return file.reject(DetectionReason.NOT_IN_MATRIX, sentence, container=container, track=track)
