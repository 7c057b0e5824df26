"""Where a witness is known to say something else, what exactly it then says, and why. Everything else is a failure."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from tests.witness import ffprobe_six, libav, mediainfo
from tests.witness.testimony import Testimony, agree

VC3 = ("dnxhd", "dnxhr")
MATROSKA = ("mkv", "webm")
NAMED_RATES = (
    *(Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(50)),
    *(Fraction(60000, 1001), Fraction(60)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDifference:
    """`where` looks at Proxx's facts and `says` derives the witness's value from them: no other value passes."""

    witness: str
    fact: str
    about: str
    where: Callable[[Testimony], bool]
    says: Callable[[Testimony], object]
    reason: str

    def explains(self, *, witness: str, fact: str, ours: Testimony, said: object) -> bool:
        """Whether this is the difference that was found."""
        return (
            (self.witness, self.fact) == (witness, fact)
            and self.where(ours)
            and (said == self.says(ours) or agree(self.says(ours), said))
        )


def explanation(*, witness: str, fact: str, ours: Testimony, said: object) -> KnownDifference | None:
    """Return the known difference that explains `said`, or None when it is a new one."""
    found = (known for known in KNOWN_DIFFERENCES if known.explains(witness=witness, fact=fact, ours=ours, said=said))
    return next(found, None)


def _width(ours: Testimony) -> int:
    return int(str(ours["raster"]).partition("x")[0])


def _rounded_width(ours: Testimony) -> int:
    return -(-_width(ours) // 16) * 16


def _narrow_mxf(ours: Testimony) -> bool:
    return ours["container"] == "mxf" and _width(ours) % 16 != 0


def _squeezed(ours: Testimony) -> Fraction:
    """From the display aspect as MediaInfo prints it: the whole picture in more pixels, each of them narrower."""
    aspect, height = ours["display aspect"], int(str(ours["raster"]).partition("x")[2])
    assert isinstance(aspect, Fraction)
    return round(aspect, 3) * height / _rounded_width(ours)


def _of(**wanted: tuple[object, ...]) -> Callable[[Testimony], bool]:
    return lambda ours: all(ours[fact.replace("_", " ")] in values for fact, values in wanted.items())


def _nearest_rate(ours: Testimony) -> Fraction:
    """As MediaInfo prints it, with three decimals."""
    rate = ours["frame rate"]
    assert isinstance(rate, Fraction)
    _, nearest = min((abs(named - rate), named) for named in NAMED_RATES)
    return round(nearest, 3)


def _fixed(value: object) -> Callable[[Testimony], object]:
    return lambda _: value


def _bottom_front(ours: Testimony) -> object:
    layouts = ours["audio layouts"]
    assert isinstance(layouts, tuple)
    return tuple("L R C LFE Bfl Bfr" if layout == "5.1" else layout for layout in layouts)


KNOWN_DIFFERENCES = (
    KnownDifference(
        witness=mediainfo.NAME,
        fact="raster",
        about="DNxHR in MXF, width not a multiple of 16",
        where=_narrow_mxf,
        says=lambda ours: f"{_rounded_width(ours)}x{str(ours['raster']).partition('x')[2]}",
        reason="a fault of the file: FFmpeg 5.1 writes the width into the MXF descriptor rounded up to 16, as stored, "
        "sampled and display width; MediaInfo reads the descriptor, FFmpeg the picture",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="pixel aspect",
        about="DNxHR in MXF, width not a multiple of 16",
        where=_narrow_mxf,
        says=_squeezed,
        reason="follows from the width above: the display aspect is right, so the pixels come out narrower",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="frame rate",
        about="a rate that no standard has, in MOV and MP4",
        where=lambda ours: ours["container"] in ("mov", "mp4") and ours["frame rate"] not in NAMED_RATES,
        says=_nearest_rate,
        reason="MediaInfo names a standard rate nearby; the times of the pictures give the one that Proxx says",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="colour range",
        about="ProRes and DNxHR in MOV",
        where=_of(container=("mov",), codec=("prores", *VC3), colour_range=("tv",)),
        says=_fixed(None),
        reason="nothing in the file states it: FFmpeg knows it of the codec, MediaInfo does not say it",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="colour matrix",
        about="DNxHD and DNxHR without a matrix in the container",
        where=_of(codec=VC3, colour_matrix=("bt709",)),
        says=_fixed(None),
        reason="only the header of the VC-3 picture names it, and MediaInfo does not read that field",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="colour matrix",
        about="BT.601 in MXF",
        where=_of(container=("mxf",), colour_matrix=("bt470bg",)),
        says=_fixed("smpte170m"),
        reason="one label in MXF stands for both; ITU-T H.273 defines the two matrices alike",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="field order",
        about="DNxHR in MOV",
        where=_of(container=("mov",), codec=VC3, field_order=("unknown",)),
        says=_fixed("progressive"),
        reason="the container states none; MediaInfo reads it in the header of the VC-3 picture",
    ),
    KnownDifference(
        witness=mediainfo.NAME,
        fact="audio layouts",
        about="5.1 in AAC in MOV",
        where=_of(container=("mov",), codec=("h264", "hevc")),
        says=_bottom_front,
        reason="bits 4 and 5 of the channel bitmap (0x3f) are the surround channels; MediaInfo names them bottom "
        "front for AAC, and back for PCM with the same bitmap",
    ),
    KnownDifference(
        witness=ffprobe_six.NAME,
        fact="colour range",
        about="ProRes",
        where=_of(codec=("prores",), colour_range=("tv",)),
        says=_fixed(None),
        reason="the file states none; ffprobe 5.1 fills in what it knows of the codec, this one does not",
    ),
    KnownDifference(
        witness=ffprobe_six.NAME,
        fact="colour matrix",
        about="ProRes, BT.470 BG without primaries and transfer",
        where=_of(codec=("prores",), colour_matrix=("bt470bg",), colour_primaries=(None,)),
        says=_fixed(None),
        reason="the header of a ProRes picture has no code for it and says unknown; ffprobe 6 takes that word and "
        "not the one of the container",
    ),
    *(
        KnownDifference(
            witness=witness,
            fact="frame rate",
            about="59.94 in MKV and WebM",
            where=_of(container=MATROSKA, frame_rate=(Fraction(60000, 1001),)),
            says=_fixed(Fraction(19001, 317)),
            reason="Matroska stores a frame's duration in whole nanoseconds, 16683333 of them; FFmpeg prints the "
            "nearest small fraction, Proxx and MediaInfo name the standard rate",
        )
        for witness in (ffprobe_six.NAME, libav.NAME)
    ),
    *(
        KnownDifference(
            witness=witness,
            fact="frame rate",
            about="90000/3001 in MKV and WebM",
            where=_of(container=MATROSKA, frame_rate=(Fraction(30),)),
            says=_fixed(Fraction(2999, 100)),
            reason="times there are whole milliseconds, and of several rates that fit them Proxx, like MediaInfo, "
            "names the standard one",
        )
        for witness in (ffprobe_six.NAME, libav.NAME)
    ),
    KnownDifference(
        witness=libav.NAME,
        fact="colour matrix",
        about="DNxHD and DNxHR, not BT.709",
        where=lambda ours: ours["codec"] in VC3 and ours["colour matrix"] not in ("bt709", None),
        says=_fixed("bt709"),
        reason="a fault of the file: the container states the matrix, and FFmpeg 5.1 always writes BT.709 into the "
        "header of the VC-3 picture (colour volume 0 at byte 0x2c); this witness asks the decoded picture",
    ),
)
