"""The shipped table of known vulnerabilities."""

import tomllib
from importlib.resources import files

from proxx.core.advisories import Advisory, read_advisories


def builtin_advisories() -> tuple[Advisory, ...]:
    """Return every advisory that this version of Proxx knows.

    Raises:
        AdvisoryError: the shipped table is broken, which only a damaged installation explains.
    """
    text = files("proxx.advisories").joinpath("known.toml").read_text(encoding="utf-8")
    return read_advisories(table=tomllib.loads(text))
