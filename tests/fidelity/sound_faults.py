"""Faults of sound: tracks, channels, lengths, starts, coding."""

from tests.fidelity import scenes
from tests.fidelity.attempts import encoded
from tests.fidelity.edits import add, drop, put, sound_last, swap, swapped_tracks, without_track
from tests.fidelity.fault import Fault

_LOUDNESS = "the samples: the level of each channel over time, compared with the source's"

SOUND_FAULTS = (
    Fault(
        name="last of four tracks missing",
        scene=scenes.DROP_MOV,
        attempt=encoded(without_track(3)),
        caught_by=("audio_track_count",),
        short=True,
    ),
    Fault(
        name="last of four tracks missing",
        scene=scenes.DROP_MXF,
        attempt=encoded(without_track(3)),
        caught_by=("audio_track_count",),
    ),
    Fault(
        name="all sound missing",
        scene=scenes.FILM_MP4,
        attempt=encoded(add("-an")),
        caught_by=("audio_track_count",),
    ),
    Fault(
        name="only the first track kept",
        scene=scenes.DROP_MKV,
        attempt=encoded(without_track(3), without_track(2), without_track(1)),
        caught_by=("audio_track_count",),
    ),
    Fault(
        name="one track too many",
        scene=scenes.DROP_MOV,
        attempt=encoded(add("-map", "0:1", "-c:a:4", "pcm_s24le")),
        caught_by=("audio_track_count",),
    ),
    Fault(
        name="stereo and mono track reordered",
        scene=scenes.MIXED_MOV,
        attempt=encoded(swapped_tracks(0, 1)),
        caught_by=("audio[0].channels", "audio[1].channels"),
        short=True,
    ),
    Fault(
        name="mono and 5.1 track reordered",
        scene=scenes.MIXED_MOV,
        attempt=encoded(swapped_tracks(1, 2)),
        caught_by=("audio[1].channels", "audio[2].channels"),
    ),
    Fault(
        name="two mono tracks reordered",
        scene=scenes.DROP_MOV,
        attempt=encoded(swapped_tracks(0, 1)),
        caught_by=(),
        needs=_LOUDNESS,
    ),
    Fault(
        name="left and right swapped",
        scene=scenes.TWO_TONES_MOV,
        attempt=encoded(sound_last("channelmap=map=1|0:channel_layout=stereo")),
        caught_by=(),
        needs=_LOUDNESS,
    ),
    Fault(
        name="four mono tracks merged into one",
        scene=scenes.DROP_MOV,
        attempt=encoded(
            without_track(3), without_track(2), without_track(1), sound_last("pan=4c|c0=c0|c1=c0|c2=c0|c3=c0")
        ),
        caught_by=("audio_track_count", "audio[0].channels"),
    ),
    Fault(
        name="stereo mixed down to mono",
        scene=scenes.DROP60_MP4,
        attempt=encoded(add("-ac:a:0", "1")),
        caught_by=("audio[0].channels",),
        short=True,
    ),
    Fault(
        name="5.1 mixed down to stereo",
        scene=scenes.MIXED_MOV,
        attempt=encoded(add("-ac:a:2", "2")),
        caught_by=("audio[2].channels",),
    ),
    Fault(
        name="mono widened to stereo",
        scene=scenes.PHONE_MP4,
        attempt=encoded(add("-ac:a:0", "2")),
        caught_by=("audio[0].channels",),
    ),
    Fault(
        name="5.1 labelled as six discrete channels",
        scene=scenes.MIXED_MOV,
        attempt=encoded(sound_last("channelmap=map=0|1|2|3|4|5:channel_layout=6.0", track=2)),
        caught_by=("audio[2].layout",),
    ),
    Fault(
        name="sound 50 ms short",
        scene=scenes.DROP_MOV,
        attempt=encoded(sound_last("atrim=end_sample=55258")),
        caught_by=("audio[0].duration",),
        short=True,
    ),
    Fault(
        name="sound 50 ms short",
        scene=scenes.FILM_MP4,
        attempt=encoded(sound_last("atrim=end_sample=69672")),
        caught_by=("audio[0].duration",),
        short=True,
    ),
    Fault(
        name="sound 50 ms short",
        scene=scenes.FILM_MKV,
        attempt=encoded(sound_last("atrim=end_sample=69672")),
        caught_by=("audio[0].duration",),
    ),
    Fault(
        name="sound 50 ms short",
        scene=scenes.DNXHR_MOV,
        attempt=encoded(sound_last("atrim=end_sample=57600", track=1)),
        caught_by=("audio[1].duration",),
    ),
    Fault(
        name="sound 50 ms short",
        scene=scenes.DROP_MXF,
        attempt=encoded(swap("end_sample=57658", "end_sample=55258")),
        caught_by=("frame_count",),
    ),
    Fault(
        name="sound 50 ms short",
        scene=scenes.WEB_WEBM,
        attempt=encoded(sound_last("atrim=end_sample=45200")),
        caught_by=("audio[0].duration",),
    ),
    Fault(
        name="sound 1 s short",
        scene=scenes.HEVC_MOV,
        attempt=encoded(sound_last("atrim=end_sample=9600")),
        caught_by=("audio[0].duration",),
    ),
    Fault(
        name="sound 1 s long",
        scene=scenes.DROP_MOV,
        attempt=encoded(sound_last("apad=pad_dur=1", track=2)),
        caught_by=("audio[2].duration",),
    ),
    Fault(
        name="half of the sound missing, source states no length",
        scene=scenes.FULL_RANGE_MP4,
        attempt=encoded(sound_last("atrim=end_sample=24000")),
        caught_by=(),
        needs="the length of each source track where the container does not state it (AVI): its samples counted",
    ),
    Fault(
        name="sound stretched by 1001/1000",
        scene=scenes.LONG_MOV,
        attempt=encoded(sound_last("asetrate=47952,aresample=48000")),
        caught_by=(),
        needs="a tolerance in samples where source and proxy are PCM; today's is passed only after more than a minute",
    ),
    Fault(
        name="sound 100 ms late",
        scene=scenes.HEVC_MOV,
        attempt=encoded(sound_last("asetpts=PTS+0.1/TB")),
        caught_by=("audio[0].start",),
        short=True,
    ),
    Fault(
        name="sound 100 ms late",
        scene=scenes.DROP_MOV,
        attempt=encoded(sound_last("asetpts=PTS+0.1/TB", track=3)),
        caught_by=("audio[3].start",),
    ),
    Fault(
        name="sound 100 ms late",
        scene=scenes.FILM_MKV,
        attempt=encoded(sound_last("asetpts=PTS+0.1/TB")),
        caught_by=("audio[0].start",),
    ),
    Fault(
        name="sound 100 ms late behind silence",
        scene=scenes.DNXHR_MOV,
        attempt=encoded(sound_last("adelay=100:all=1")),
        caught_by=("audio[0].duration",),
    ),
    Fault(
        name="sound 100 ms late behind silence, cut to length",
        scene=scenes.DNXHR_MOV,
        attempt=encoded(sound_last("adelay=100:all=1,atrim=end_sample=60000")),
        caught_by=(),
        needs=_LOUDNESS,
    ),
    Fault(
        name="a track silent",
        scene=scenes.DROP_MOV,
        attempt=encoded(sound_last("volume=0", track=1)),
        caught_by=(),
        needs=_LOUDNESS,
    ),
    Fault(
        name="sample rate 44.1 kHz",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-ar:a:1", "44100")),
        caught_by=("audio[1].sample_rate",),
    ),
    Fault(
        name="sample rate 44.1 kHz",
        scene=scenes.FILM_MP4,
        attempt=encoded(put("-ar:a:0", "44100")),
        caught_by=("audio[0].sample_rate",),
    ),
    Fault(
        name="16-bit for 24-bit PCM",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-c:a:0", "pcm_s16le")),
        caught_by=("audio[0].codec",),
    ),
    Fault(
        name="AC-3 for AAC",
        scene=scenes.FILM_MP4,
        attempt=encoded(put("-c:a:0", "ac3")),
        caught_by=("audio[0].codec",),
    ),
    Fault(
        name="Vorbis for Opus",
        scene=scenes.WEB_WEBM,
        attempt=encoded(put("-c:a:0", "libvorbis"), drop("-application"), drop("-vbr")),
        caught_by=("audio[0].codec",),
    ),
)
