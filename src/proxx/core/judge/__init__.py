"""The judge: a finished proxy's measurements against its plan. Pure; every check is kept, passed or not.

What passes without being equal, and why:

- A rate in mkv or webm: Matroska stores whole nanoseconds a frame, so 60000/1001 comes back as 19001/317. It passes
  when the two differ by at most 2 ns a frame. Time stamps there are whole milliseconds, and of several rates that fit
  them the prober names the standard one: a phone's 90000/3001 comes back as 30. A planned rate that is no standard one
  passes when the last frame's time differs by at most 2 ms. A variable rate is an average; it passes within two frames
  of the count.
- A pixel aspect: codecs and containers store it in few bits, Matroska as a display width. It passes within one pixel of
  displayed width.
- Colour: values that ITU-T H.273 defines alike are one value (the BT.601 matrix has two names). A file that states no
  range is limited range.
- Field order: a file that states none is progressive.
- Durations: the picture within one frame. A track may end, counted from the first picture, up to 25 ms early (a
  compressed source states its length in whole frames of its own: up to one of them early where that is longer), and
  late by 25 ms and the longer of one picture and two codec frames of the proxy: encoders pad the last one and shorten
  none.
- Starts: a track within 25 ms of the first picture, which is what encoders put before it.
- `declared_frame_count`, when the container declares none.

- The H.264 profile: it is a ceiling for the encoder, so a lower one passes.
- What the witness compares: the limits are those of proxx.core.witness.limits, measured.

Of a file that Resolve rendered, further: Resolve does not say whether a source decodes without an error, which
languages it writes and in which byte order PCM, so there are no such checks, or either order passes. Where no start
timecode is planned it may say 00:00:00:00. A reel name that it leaves out is a warning, another one fails, and none is
asked for where the source has none.

A property of which the plan asks nothing (None) has no check, except timecode and reel name: where the plan writes
none, the proxy must state none. MXF always states a timecode; it is then 00:00:00:00. The order of checks is fixed.
"""

from proxx.core.judge.chatter import is_chatter
from proxx.core.judge.verdict import judge

__all__ = ["is_chatter", "judge"]
