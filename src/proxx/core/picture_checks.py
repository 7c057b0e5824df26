"""Optional checks of a profile that look at the pictures and listen to the sound (DESIGN.md section 7)."""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.verdict import CheckLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureChecks:
    """What is looked for; None: not looked for. `level` is WARN or FAIL.

    Black, freeze and silence are the shortest stretch that counts, in milliseconds; `least_ssim` (0 to 1) and
    `least_psnr_db` hold for the mean over all frames, against the source at proxy size.
    """

    level: CheckLevel
    black_milliseconds: int | None
    freeze_milliseconds: int | None
    silence_milliseconds: int | None
    least_ssim: Fraction | None
    least_psnr_db: Fraction | None
