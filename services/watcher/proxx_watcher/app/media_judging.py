"""Is one file of a media folder ready? Looks inside when a look is due, and remembers what was said until then."""

import asyncio

from proxx_watcher.app.media_evidence import MediaEvidence
from proxx_watcher.app.media_ports import FileDigest, MediaDisk
from proxx_watcher.app.media_state import Part
from proxx_watcher.app.ports import Clock
from proxx_watcher.domain.evidence import Statement
from proxx_watcher.domain.readiness import Judgement, Next, ReadinessRules, judge_look, judge_sightings
from proxx_watcher.domain.sighting import sampled

_LONGEST_REST_SECONDS = 60.0


class MediaJudging:
    """Judges the files of one folder."""

    def __init__(self, *, disk: MediaDisk, rules: ReadinessRules, evidence: MediaEvidence, clock: Clock) -> None:
        """Take the folder and its rules."""
        self._disk = disk
        self._rules = rules
        self._evidence = evidence
        self._clock = clock
        self._verifying: tuple[str, str, asyncio.Task[FileDigest]] | None = None

    async def judge(self, part: Part) -> Judgement:
        """Return what to do with a file. READY is said only of what a look in this very call has seen.

        Raises:
            OSError: the disk failed.
        """
        self._collect()
        statement = self._evidence.statement(history=part.history)
        by_scans = self._by_scans(part)
        if by_scans.next is Next.WAIT:
            return await self._sample(part, by_scans)
        now = self._clock.monotonic()
        if part.judged is not None and now < part.next_look and statement == part.statement:
            return part.judged
        part.judged = await self._look(part, statement)
        part.statement = statement
        wish = min(max(part.judged.again_seconds, self._rules.spacing_seconds), _LONGEST_REST_SECONDS)
        part.next_look = now + (part.judged.again_seconds if part.judged.settles else wish)
        return part.judged

    async def _sample(self, part: Part, by_scans: Judgement) -> Judgement:
        """Take the samples of a file that the scans find at rest so far, once a counted scan, for later comparison."""
        part.judged = None
        if part.history.steady_scans < 2 or part.sampled_at == part.history.counted_at:
            return by_scans
        look = await self._disk.look(path=part.history.newest.path, lease=False)
        part.sampled_at = part.history.counted_at
        if look.fault or look.form != part.history.newest.form:
            return by_scans
        part.history = sampled(history=part.history, digest=look.digest, now=self._clock.monotonic())
        return self._by_scans(part)

    async def _look(self, part: Part, statement: Statement) -> Judgement:
        path = part.history.newest.path
        look = await self._disk.look(path=path, lease=self._rules.use_lease)
        if not look.fault and look.form == part.history.newest.form:
            part.history = sampled(history=part.history, digest=look.digest, now=self._clock.monotonic())
        by_scans = self._by_scans(part)
        if by_scans.next is Next.WAIT:
            return by_scans
        judged = judge_look(
            history=part.history,
            look=look,
            statement=statement,
            rules=self._rules,
            now=self._clock.monotonic(),
            wall_now=self._clock.now().timestamp(),
        )
        if judged.next is Next.VERIFY:
            return self._verify(path, statement, judged)
        return judged

    def _by_scans(self, part: Part) -> Judgement:
        return judge_sightings(
            history=part.history,
            rules=self._rules,
            now=self._clock.monotonic(),
            wall_now=self._clock.now().timestamp(),
        )

    def _verify(self, path: str, statement: Statement, judged: Judgement) -> Judgement:
        """Read the whole file beside the passes, one file at a time."""
        again = self._rules.spacing_seconds
        if self._verifying is not None:
            said = judged.text if self._verifying[0] != path else f"its {self._verifying[1]} is being computed"
            return Judgement(next=Next.WAIT, text=said, again_seconds=again, settles=True)
        algorithm = statement.to_verify
        task = asyncio.create_task(self._disk.digest(path=path, algorithm=algorithm))
        self._verifying = (path, algorithm, task)
        return Judgement(next=Next.WAIT, text=f"its {algorithm} is being computed", again_seconds=again, settles=True)

    def _collect(self) -> None:
        if self._verifying is None or not self._verifying[2].done():
            return
        path, algorithm, task = self._verifying
        self._verifying = None
        if task.cancelled() or isinstance(task.exception(), OSError):
            return  # the next look says why the file cannot be read, or it is asked for again
        found = task.result()
        self._evidence.learned(path=path, form=found.form, algorithm=algorithm, value=found.value)
