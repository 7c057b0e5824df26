"""Is a file ready? A pure judge over what scans saw, what one look inside found, and what somebody said about it.

docs/adr/0026 says what each evidence proves and what it does not.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from proxx_watcher.domain.ends.ending import End, Ending
from proxx_watcher.domain.evidence import Require, Statement, Witness
from proxx_watcher.domain.sighting import History
from proxx_watcher.domain.units_text import seconds_text, size_text

_FUTURE_SLACK_SECONDS = 2.0
_FEW_ZEROS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessRules:
    """The stability settings of a folder. All times are seconds.

    `open_end_seconds` is how long a file must be quiet whose structure does not say where it ends; `doubt_seconds` the
    same for one that looks preallocated or odd. `require` is the completion evidence that a file must have.
    """

    scans: int = 3
    spacing_seconds: float = 5.0
    min_age_seconds: float = 10.0
    open_end_seconds: float = 120.0
    doubt_seconds: float = 900.0
    require: Require = Require.NONE
    verify_digests: bool = False
    use_lease: bool = True


class Writer(StrEnum):
    """Whether another program has the file open for writing, as far as a read lease tells."""

    NONE = "NONE"
    OPEN = "OPEN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one opening of a file found.

    `fault` says why it could not be read; the rest is then empty. `form` is the file's own at the end of the look
    (size, mtime, ctime, device, inode). `zero_tail` counts the zero bytes at the very end, as far as the last sample
    goes; `zero_samples` are the offsets of sampled blocks that hold zeros only; `hole` is where the file system says
    that nothing was written yet, None where it says that there is no such place or does not say.
    """

    fault: str = ""
    form: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    digest: str = ""
    zero_tail: int = 0
    zero_samples: tuple[int, ...] = ()
    hole: int | None = None
    writer: Writer = Writer.UNKNOWN
    ending: Ending = field(default_factory=lambda: Ending(end=End.OPEN, fact=""))


class Next(StrEnum):
    """What a judgement asks for."""

    WAIT = "WAIT"
    LOOK = "LOOK"
    VERIFY = "VERIFY"
    READY = "READY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What to do, the reason for waiting or what was relied on, and after how many seconds it can be otherwise.

    `settles` says that time alone ends the waiting, when nothing happens to the file.
    """

    next: Next
    text: str
    again_seconds: float = 0.0
    settles: bool = False


def judge_sightings(*, history: History, rules: ReadinessRules, now: float, wall_now: float) -> Judgement:
    """Judge by the scans alone: READY here means that a look inside is due.

    `now` is the watcher's monotonic clock, `wall_now` the time of day as seconds since 1970.
    """
    if history.newest.size == 0:
        return _wait("holds no bytes", rules.spacing_seconds)
    missing = rules.scans - history.steady_scans
    quiet = history.quiet_seconds(now=now)
    if missing > 0:
        again = rules.spacing_seconds - (now - history.counted_at)
        if history.changed_at == history.seen_at and history.changed_by:
            return _wait(_changed(history), again)
        return _wait(f"unchanged in {history.steady_scans} of {rules.scans} scans", again, settles=True)
    if quiet < rules.min_age_seconds:
        said = f"unchanged for {seconds_text(quiet)} of {seconds_text(rules.min_age_seconds)}"
        return _wait(said, rules.min_age_seconds - quiet, settles=True)
    age = wall_now - history.newest.mtime_ns / 1e9
    if -_FUTURE_SLACK_SECONDS <= age < rules.min_age_seconds:
        said = f"modified {seconds_text(age)} ago by its own time, at least {seconds_text(rules.min_age_seconds)} asked"
        return _wait(said, rules.min_age_seconds - age, settles=True)
    return Judgement(next=Next.LOOK, text="a look inside is due")


def judge_look(
    *, history: History, look: Look, statement: Statement, rules: ReadinessRules, now: float, wall_now: float
) -> Judgement:
    """Judge a file whose scans are steady, after a look inside. VERIFY asks for its digest before the next call.

    `history` already has the look's samples: a difference has started it anew, and `judge_sightings` says so.
    """
    again = rules.spacing_seconds
    if look.fault:
        return _wait(f"cannot be read: {look.fault}", again)
    if look.form != history.newest.form:
        return _wait("changed while it was looked at", again)
    if look.writer is Writer.OPEN:
        return _wait("another program has it open for writing", again)
    if statement.against:
        return _wait(statement.against, again)
    lacking = _lacking(statement, rules)
    if lacking:
        return _wait(lacking, again)
    if statement.to_verify and not statement.has(Witness.DIGEST):
        return Judgement(next=Next.VERIFY, text=f"its {statement.to_verify} digest is to be compared with its list")
    if look.ending.end is End.CUT and not statement.has(Witness.DIGEST):
        return _wait(look.ending.fact, again)
    doubt = None if statement.complete else _doubt(history, look, statement, rules, now)
    if doubt is not None:
        return doubt
    return Judgement(next=Next.READY, text=_relied_on(history, look, statement, now, wall_now))


def _doubt(history: History, look: Look, statement: Statement, rules: ReadinessRules, now: float) -> Judgement | None:
    """Return why the file has to be quiet for longer, None when it was, or when nothing asks for it."""
    quiet = history.quiet_seconds(now=now)
    sized = statement.has(Witness.LISTED)
    for fact, seconds in (
        (_preallocated(history, look), rules.doubt_seconds),
        (look.ending.fact if look.ending.end is End.DOUBTFUL else "", rules.doubt_seconds),
        (look.ending.fact if look.ending.end is End.OPEN and not sized else "", rules.open_end_seconds),
        (_zeros(look), rules.open_end_seconds),
    ):
        if fact and quiet < seconds:
            said = f"{fact}; taken when unchanged for {seconds_text(seconds)}, now {seconds_text(quiet)}"
            return _wait(said, seconds - quiet, settles=True)
    return None


def _preallocated(history: History, look: Look) -> str:
    """Return the sign that space was reserved before the content was written; each may have an innocent cause."""
    size = history.newest.size
    if look.hole is not None:
        return f"nothing is written at byte {look.hole} of {size}"
    if history.newest.allocated < size:
        return f"{size_text(history.newest.allocated)} of {size_text(size)} are allocated"
    beyond = look.zero_tail - look.ending.own_zeros
    if beyond >= min(_FEW_ZEROS, size):
        return _zeros(look)
    if look.zero_samples:
        return f"zeros at byte {look.zero_samples[0]}, in {len(look.zero_samples)} of its samples"
    return ""


def _zeros(look: Look) -> str:
    """Return the fact about zero bytes at the end. Also those that the structure accounts for may still be to come."""
    if not look.zero_tail:
        return ""
    return "its last byte is zero" if look.zero_tail == 1 else f"its last {look.zero_tail} bytes are zeros"


def _lacking(statement: Statement, rules: ReadinessRules) -> str:
    if rules.require is Require.MARKER and not statement.has(Witness.MARKER):
        return "no marker file yet, and the folder requires one"
    if rules.require is Require.CHECKSUM and not (
        statement.has(Witness.LISTED) or statement.has(Witness.DIGEST) or statement.to_verify
    ):
        return "in no checksum list yet, and the folder requires one"
    if rules.require is Require.RENAME and not statement.has(Witness.RENAME):
        return "not seen under a temporary name before, and the folder requires a rename"
    return ""


def _relied_on(history: History, look: Look, statement: Statement, now: float, wall_now: float) -> str:
    quiet = seconds_text(history.quiet_seconds(now=now))
    parts = [f"{history.steady_scans} equal scans, unchanged for {quiet}"]
    if wall_now - history.newest.mtime_ns / 1e9 < -_FUTURE_SLACK_SECONDS:
        parts.append("its modification time lies in the future and was not used")
    parts.append(look.ending.fact)
    if look.writer is Writer.NONE:
        parts.append("no program has it open for writing")
    parts += statement.facts
    if not statement.complete and _preallocated(history, look):
        parts.append(f"taken after a long wait: {_preallocated(history, look)}")
    return "; ".join(part for part in parts if part)


def _changed(history: History) -> str:
    if history.growth is not None:
        word = "grew" if history.growth > 0 else "shrank"
        return f"size {word} {size_text(abs(history.growth))} in the last scan"
    return f"{history.changed_by} in the last scan"


def _wait(text: str, again_seconds: float, *, settles: bool = False) -> Judgement:
    return Judgement(next=Next.WAIT, text=text, again_seconds=max(0.1, again_seconds), settles=settles)
