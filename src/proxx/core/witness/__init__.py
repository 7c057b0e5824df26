"""The witness: what the encoders were given, kept small, against what the proxy gives back (docs/FIDELITY.md)."""

from proxx.core.witness.mxf_padding import damaged_padding
from proxx.core.witness.pictures import compare_pictures
from proxx.core.witness.report import PictureWitness, SoundWitness, TrackHash, WitnessReport
from proxx.core.witness.sound import compare_sound, window_pairs
from proxx.core.witness.stream_hash import read_stream_hashes
from proxx.core.witness.thumbnail import Thumbnails, thumbnail_raster

__all__ = [
    "PictureWitness",
    "SoundWitness",
    "Thumbnails",
    "TrackHash",
    "WitnessReport",
    "compare_pictures",
    "compare_sound",
    "damaged_padding",
    "read_stream_hashes",
    "thumbnail_raster",
    "window_pairs",
]
