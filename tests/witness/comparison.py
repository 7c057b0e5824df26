"""One proxy before all witnesses: where they agree, where they are known to differ, and what nobody has explained."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.witness import ffprobe_six, libav, mediainfo
from tests.witness.known_differences import KnownDifference, explanation
from tests.witness.testimony import FACTS, Testimony, agree, show


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A reader that shares no code with Proxx. `missing` says why it cannot be asked here, empty when it can."""

    name: str
    missing: Callable[[], str]
    version: Callable[[], str]
    testify: Callable[[Path], Testimony]


WITNESSES = tuple(
    Witness(name=module.NAME, missing=module.missing, version=module.version, testify=module.testify)
    for module in (mediainfo, ffprobe_six, libav)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact of one proxy as one witness sees it. Neither agreed nor known: unexplained."""

    witness: str
    fact: str
    agreed: bool
    known: KnownDifference | None
    text: str

    @property
    def unexplained(self) -> bool:
        """Whether Proxx or the witness is wrong and nobody has said which."""
        return not self.agreed and self.known is None


def compare(*, ours: Testimony, witness: Witness, path: Path) -> list[Finding]:
    """Ask one witness about one file; every fact is compared that it shows and `ours` has."""
    said = witness.testify(path)
    return [
        _finding(ours=ours, witness=witness.name, fact=fact, said=said[fact])
        for fact in FACTS
        if fact in said and fact in ours
    ]


def _finding(*, ours: Testimony, witness: str, fact: str, said: object) -> Finding:
    agreed = agree(ours[fact], said)
    known = None if agreed else explanation(witness=witness, fact=fact, ours=ours, said=said)
    text = f"{fact}: Proxx says {show(ours[fact])}, {witness} {show(said)}"
    return Finding(witness=witness, fact=fact, agreed=agreed, known=known, text=text)
