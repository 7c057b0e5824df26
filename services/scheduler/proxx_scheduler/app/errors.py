"""What a call can be refused for. Transport maps each to its published reason."""

from proxx.core.access import AccessRefusal


class SchedulerError(Exception):
    """Base of every refusal."""


class AccessRefusedError(SchedulerError):
    """The caller may not do this to what it named; the call itself is open to its role."""

    def __init__(self, refusal: AccessRefusal) -> None:
        """Keep the refusal with its facts."""
        super().__init__(refusal.message)
        self.refusal = refusal


class RequestReusedError(SchedulerError):
    """The request_id was used with another body."""

    def __init__(self, *, request_id: str, stored: str, received: str) -> None:
        """Name the id and both digests."""
        super().__init__(f"request_id {request_id!r} was used with another body (stored {stored}, received {received})")
        self.request_id = request_id
        self.stored = stored
        self.received = received


class RequestInvalidError(SchedulerError):
    """A field of the call itself breaks its rule."""

    def __init__(self, *, field: str, message: str) -> None:
        """Name the field and the rule."""
        super().__init__(f"{field}: {message}")
        self.field = field


class JobNotFoundError(SchedulerError):
    """No job has this key."""

    def __init__(self, *, job_key: str) -> None:
        """Name the key."""
        super().__init__(f"no job has the key {job_key!r}")
        self.job_key = job_key


class SubmissionNotFoundError(SchedulerError):
    """No submission used this request_id."""

    def __init__(self, *, request_id: str) -> None:
        """Name the id."""
        super().__init__(f"no submission used the request_id {request_id!r}")
        self.request_id = request_id


class ProfileNotFoundError(SchedulerError):
    """No profile has this name."""

    def __init__(self, *, name: str) -> None:
        """Name the profile."""
        super().__init__(f"no profile has the name {name!r}")
        self.name = name


class AssetNotFoundError(SchedulerError):
    """No look of the present profiles needs this file."""

    def __init__(self, *, sha256: str) -> None:
        """Name the digest."""
        super().__init__(f"no look of the present profiles needs a file with the sha256 {sha256[:64]!r}")
        self.sha256 = sha256[:64]


class VerbNotAllowedError(SchedulerError):
    """The verb is not allowed for this job as it stands."""

    def __init__(self, *, job_key: str, state: str, verb: str, allowed: tuple[str, ...], why: str = "") -> None:
        """Name the job, its state, the verb, what is allowed, and why where the state alone does not say."""
        because = f": {why}" if why else ""
        super().__init__(
            f"the job is {state}: {verb} is not allowed{because} (allowed: {', '.join(allowed) or 'nothing'})"
        )
        self.job_key = job_key
        self.state = state
        self.verb = verb
        self.allowed = allowed


class RevisionMismatchError(SchedulerError):
    """The job changed since the caller looked."""

    def __init__(self, *, job_key: str, expected: int, actual: int) -> None:
        """Name the job and both revisions."""
        super().__init__(f"the job has revision {actual}, the caller saw {expected}")
        self.job_key = job_key
        self.expected = expected
        self.actual = actual


class ExecutorNotFoundError(SchedulerError):
    """No executor has this name."""

    def __init__(self, *, name: str) -> None:
        """Name it."""
        super().__init__(f"no executor of the name {name[:200]!r} has a session")
        self.name = name[:200]


class PageTokenError(SchedulerError):
    """The page token is not of this list."""

    def __init__(self, *, page_token: str) -> None:
        """Name the token."""
        self.page_token = page_token[:200]
        super().__init__(
            f"page token {self.page_token!r} was not given by this list, with this filter, of this installation"
        )


class CursorTruncatedError(SchedulerError):
    """The event sequence asked for is not in the log, or was retired from it."""

    def __init__(self, *, after_sequence: int, newest: int, first_available: int = 0) -> None:
        """Name the sequences; `first_available` is the first event from which on none was retired, 0 for all."""
        if first_available:
            message = (
                f"events after {after_sequence} were retired: all are there from sequence {first_available} on;"
                f" begin with after_sequence {first_available - 1}, or at 0 with a snapshot"
            )
        else:
            message = f"after_sequence {after_sequence} is not in the log, whose newest event is {newest}"
        super().__init__(message)
        self.after_sequence = after_sequence
        self.newest = newest
        self.first_available = first_available


class LogPrunedError(SchedulerError):
    """Records were retired since the end of the range that is read was fixed."""

    def __init__(self, *, until_sequence: int, pruned: int) -> None:
        """Name the end of the range and the event that recorded the newest retirement."""
        super().__init__(
            f"records were retired (sequence {pruned}) after the range up to {until_sequence} was begun; begin again"
        )
        self.until_sequence = until_sequence
        self.pruned = pruned


class SlowReaderError(SchedulerError):
    """The stream's reader was too slow."""

    def __init__(self, *, last_sequence: int) -> None:
        """Name the last sequence sent."""
        super().__init__(f"the reader fell too far behind; the last event sent was {last_sequence}")
        self.last_sequence = last_sequence


class NoExecutorError(SchedulerError):
    """No executor can do what the call needs."""

    def __init__(self, *, engine: str) -> None:
        """Name the engine."""
        super().__init__(f"no {engine} executor has a session")
        self.engine = engine


class SessionUnknownError(SchedulerError):
    """The scheduler does not know this session."""

    def __init__(self, *, session_id: str) -> None:
        """Name the session."""
        super().__init__(f"session {session_id!r} is not known")
        self.session_id = session_id


class ExecutorInvalidError(SchedulerError):
    """An executor's description of itself is incomplete or names an unknown root."""

    def __init__(self, *, field: str, message: str) -> None:
        """Name the field and the rule."""
        super().__init__(f"{field}: {message}")
        self.field = field


class AcquireConsumedError(SchedulerError):
    """A newer acquire_sequence was seen."""

    def __init__(self, *, newest: int) -> None:
        """Name the newest sequence."""
        super().__init__(f"acquire_sequence {newest} was seen already")
        self.newest = newest


class LeaseSupersededError(SchedulerError):
    """The lease is not valid any more."""

    def __init__(self, *, lease_id: str, epoch: int) -> None:
        """Name the lease and its epoch."""
        super().__init__(f"lease {lease_id} (epoch {epoch}) is not valid any more")
        self.lease_id = lease_id
        self.epoch = epoch


class VerdictFailedError(SchedulerError):
    """The measured facts of a prepared output do not pass."""

    def __init__(self, *, checks: tuple[str, ...]) -> None:
        """Name the failing checks."""
        super().__init__(f"the prepared output does not pass: {', '.join(checks)}")
        self.checks = checks
