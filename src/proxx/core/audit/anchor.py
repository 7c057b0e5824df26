"""A head that somebody kept outside the database: what makes a rewritten or shortened chain show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The chain of `job_key` has, or had, a record with this hash. `job_sequence` is its place, 0 where not known.

    `kept_in` says for people where the head was kept. `one_of_many`: it comes from an export, which has heads of other
    chains too; a check of one chain passes over those.
    """

    job_key: str
    job_sequence: int
    hash: str
    kept_in: str
    one_of_many: bool = False
