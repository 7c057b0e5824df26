"""Frame rates and timecodes as Resolve writes them."""

from fractions import Fraction

# Resolve writes a rate with decimals; these are the exact ones behind them.
EXACT = {
    "16": Fraction(16),
    "18": Fraction(18),
    "23.976": Fraction(24000, 1001),
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "30": Fraction(30),
    "47.952": Fraction(48000, 1001),
    "48": Fraction(48),
    "50": Fraction(50),
    "59.94": Fraction(60000, 1001),
    "60": Fraction(60),
    "72": Fraction(72),
    "95.904": Fraction(96000, 1001),
    "96": Fraction(96),
    "100": Fraction(100),
    "119.88": Fraction(120000, 1001),
    "120": Fraction(120),
}


def parse_rate(text: str) -> tuple[Fraction, bool] | None:
    """Return the exact rate and whether its timecode drops, of text such as "29.97 DF"; None where there is no such."""
    number, _, flag = text.strip().partition(" ")
    name = f"{float(number):g}" if number.replace(".", "", 1).isdigit() else number
    rate = EXACT.get(name)
    return (rate, flag == "DF") if rate is not None and flag in ("", "DF") else None


def rate_text(rate: Fraction) -> str:
    """Return an exact rate as Resolve writes it, to three decimals."""
    for text, exact in EXACT.items():
        if exact == rate:
            return text
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def to_frames(timecode: str, rate: Fraction) -> int:
    """Return the frame that a timecode names; `;` before the frames means drop-frame.

    Raises:
        ValueError: no timecode.
    """
    hours, minutes, seconds, frames = (int(each) for each in timecode.replace(";", ":").replace(".", ":").split(":"))
    base = round(rate)
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if ";" in timecode:
        dropped = base // 15
        total = hours * 60 + minutes
        count -= dropped * (total - total // 10)
    return count


def to_timecode(frame: int, rate: Fraction, *, drop: bool) -> str:
    """Return the timecode of a frame."""
    base = round(rate)
    frame %= 24 * 3600 * base
    if drop:
        dropped = base // 15
        per_minute, per_ten = base * 60 - dropped, base * 600 - 9 * dropped
        tens, rest = divmod(frame, per_ten)
        frame += 9 * dropped * tens
        if rest >= base * 60:
            frame += dropped * ((rest - base * 60) // per_minute + 1)
    seconds, frames = divmod(frame, base)
    mark = ";" if drop else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"
