"""What comparing a proxy with its witness measures. The judge holds it against its limits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWitness:
    """The proxy's pictures beside those that the encoder was given, as thumbnails of 8 bits a sample.

    `planned` and `found` count pictures. A difference is the root mean square over a thumbnail, in thousandths of a
    level; a cell is one sample of it, in levels. `contrast` is the slope between the two brightnesses, 1000 for equal,
    None where the clip has too little of it to tell. `slip` is how far a picture lies on the way to its neighbour's,
    in thousandths (1000: it is the neighbour's), the worst of the `moving` pictures whose neighbour differs enough;
    `weave` is the same towards the frame with both its fields woven, and `apart` counts the frames that differ at all
    from that; both are None where no fields became whole pictures.
    Frames count from 0; they are None where nothing was compared.
    """

    planned: int
    found: int
    difference: int
    difference_frame: int | None
    cell: int
    cell_frame: int | None
    contrast: int | None
    moving: int
    slip: int
    slip_frame: int | None
    apart: int | None
    weave: int | None
    weave_frame: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundWitness:
    """One track of lossy sound beside what its encoder was given, both brought to 4000 samples a second.

    `planned` and `found` count samples of each channel. Of the `windows` (50 ms of one channel) in which anything
    sounds, `differing` differ more than coding explains, the first after `first_milliseconds`. `difference` is the
    worst window's share of energy that is not the planned one's, in thousandths.
    """

    planned: int
    found: int
    windows: int
    differing: int
    first_milliseconds: int | None
    difference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackHash:
    """A hash over all of one track, as it went in and as it came out; empty where it is missing."""

    planned: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessReport:
    """Everything that was compared.

    `packets` are the coded packets of each track, in the file's order, as the encoders gave them and as the file holds
    them. `samples` (uncompressed and lossless sound) and `sound` (lossy sound) have one entry for each track of the
    plan, None where the other kind applies.
    """

    pictures: PictureWitness
    packets: tuple[TrackHash, ...]
    samples: tuple[TrackHash, ...]
    sound: tuple[SoundWitness, ...]
