"""The `[picture_checks]` table of a profile, strictly read."""

import re
from fractions import Fraction

from proxx.core.picture_checks import PictureChecks
from proxx.core.quoting import quote
from proxx.core.table_reader import TableReader
from proxx.core.verdict import CheckLevel

_LEVELS = {"warn": CheckLevel.WARN, "fail": CheckLevel.FAIL}
_MILLISECONDS = ("black_milliseconds", "freeze_milliseconds", "silence_milliseconds")
_DECIMALS = {"least_ssim": Fraction(1), "least_psnr_db": Fraction(100)}
_SHORTEST_MILLISECONDS = 100
_LONGEST_MILLISECONDS = 3_600_000
_DECIMAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?", re.ASCII)


def read_picture_checks(*, table: TableReader) -> PictureChecks | None:
    """Return the checks that a profile's table asks for, None where it has no such table. Problems go to `table`."""
    value = table.typed("picture_checks", dict, "a table")
    if not isinstance(value, dict):
        return None
    reader = _Reader(origin=f"{table.origin}: picture_checks", table=value)
    checks = reader.checks()
    table.problems += reader.problems
    return checks


class _Reader(TableReader):
    def checks(self) -> PictureChecks:
        self.check_keys(("level",), optional=(*_MILLISECONDS, *_DECIMALS))
        if not set(self.table) & {*_MILLISECONDS, *_DECIMALS}:
            self.problem(
                "picture_checks", f"asks for nothing: expected one of {', '.join((*_MILLISECONDS, *_DECIMALS))}"
            )
        black, freeze, silence = (self._milliseconds(key) for key in _MILLISECONDS)
        ssim, psnr = (self._decimal(key) for key in _DECIMALS)
        return PictureChecks(
            level=_LEVELS.get(self.word("level", tuple(_LEVELS)), CheckLevel.FAIL),
            black_milliseconds=black,
            freeze_milliseconds=freeze,
            silence_milliseconds=silence,
            least_ssim=ssim,
            least_psnr_db=psnr,
        )

    def _milliseconds(self, key: str) -> int | None:
        if key not in self.table:
            return None
        return self.count(key, least=_SHORTEST_MILLISECONDS, most=_LONGEST_MILLISECONDS)

    def _decimal(self, key: str) -> Fraction | None:
        if key not in self.table:
            return None
        value, most = self.text(key), _DECIMALS[key]
        if not _DECIMAL.fullmatch(value) or not 0 < Fraction(value) <= most:
            self.problem(
                key, f"expected a decimal number in quotes, above 0 and at most {most}; got {quote(text=value)}"
            )
            return None
        return Fraction(value)
