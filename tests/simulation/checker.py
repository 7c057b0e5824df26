"""What must hold: checked at every commit and at every change of a name on the disk.

The checker knows nothing of the product's code: it reads the events of commits, as any watcher may, and the disk.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from proxx.core.canonical import digest
from proxx.core.jobs import ClipState, CollisionPolicy, FailurePolicy, JobEvent, JobState
from proxx.core.leases import Lease
from proxx.core.steps import ProbeItem
from proxx_scheduler.app.records import Effect, EventAppended
from tests.simulation.model_disk import Inode, ModelDisk
from tests.simulation.plan import HistoryPlan, JobPlan
from tests.simulation.sim_steps import END
from tests.simulation.virtual_loop import current_process

NO_HASH = "0" * 64
MADE_BY = ("clip.complete", "clip.adopt")
DOUBTS = ("clip.interrupt", "clip.requeue_by_policy", "clip.requeue")


@dataclass(slots=True)
class ClipRecord:
    """What is known of one clip from events and disk."""

    state: ClipState = ClipState.QUEUED
    output: str = ""
    prepared: set[str] = field(default_factory=set)
    completed: int = 0
    starts: int = 0
    tools: int = 0
    made: list[Inode] = field(default_factory=list)
    probed: bytes | None = None
    in_doubt: bool = False
    """It was lost, and neither an operator nor its submission said since that it may be made again."""
    requeues: int = 0


@dataclass(slots=True)
class JobRecord:
    """What is known of one job from its events."""

    plan: JobPlan
    state: JobState = JobState.PENDING
    chain: str = NO_HASH
    length: int = 0
    clips: list[ClipRecord] = field(default_factory=list)
    events: list[JobEvent] = field(default_factory=list)
    cancelled: bool = False


class Checker:
    """Collects violations; `fail` is told of each, with a short name first."""

    def __init__(self, *, plan: HistoryPlan, disk: ModelDisk, fail: Callable[[str, str], None]) -> None:
        self._plan = plan
        self._disk = disk
        self._fail = fail
        self.jobs: dict[str, JobRecord] = {}
        self.events = 0
        self._sequence = 0
        self._outputs: dict[str, tuple[JobRecord, int]] = {}
        self._started_leases: set[str] = set()
        self._probed: dict[str, bytes] = {}
        self._aside: list[Inode] = []
        self._stale: set[tuple[str, str]] = set()
        self._engines_lost: set[tuple[str, str]] = set()
        self._twinned: set[str] = set()
        self._said_lost: dict[tuple[str, int, str], tuple[str, str]] = {}
        self.fenced: set[str] = set()
        """The names of executors that are fenced."""
        self._executor_chain = (0, NO_HASH)
        disk.watch = self.name_changed

    # --- commits -----------------------------------------------------------------------------------------------------

    def committed(self, effects: Iterable[Effect]) -> None:
        """A transaction holds from now on."""
        for effect in effects:
            if isinstance(effect, EventAppended):
                self._event(effect.event)

    def job_known(self, job_key: str, plan: JobPlan) -> None:
        """A job was made for a plan: told within the commit that made it."""
        twins = [key for key, known in self.jobs.items() if known.plan is plan]
        if twins:
            self._fail("two_jobs", f"{job_key} is a second job of what made {twins[0]}")
        record = JobRecord(plan=plan)
        record.clips = [ClipRecord(output=plan.output(index)) for index in range(plan.clips)]
        self.jobs[job_key] = record
        for index, clip in enumerate(record.clips):
            self._outputs[clip.output] = (record, index)

    def placed(self, job_key: str, outputs: list[str]) -> None:
        """A job was admitted: these are its final paths."""
        record = self.jobs[job_key]
        for index, output in enumerate(outputs):
            self._outputs.pop(record.clips[index].output, None)
            record.clips[index].output = output
            record.clips[index].probed = self._probed.get(record.plan.source(index))
        for index, output in enumerate(outputs):
            self._outputs[output] = (record, index)

    def _event(self, event: JobEvent) -> None:
        self.events += 1
        if event.sequence <= self._sequence:
            self._fail("event_order", f"event {event.sequence} after {self._sequence}")
        self._sequence = event.sequence
        if not event.job_key:
            self._executor_judged(event)
            return
        record = self.jobs[event.job_key]
        if event.previous_hash != record.chain or event.job_sequence != record.length + 1:
            self._fail("chain", f"event {event.sequence} of {event.job_key} does not follow its predecessor")
        record.chain, record.length = event.hash, event.job_sequence
        record.events.append(event)
        if event.kind in ("job.resume", "job.cancel", "job.retry"):
            for clip in record.clips:
                clip.in_doubt = False
                clip.requeues = 0 if event.kind == "job.retry" else clip.requeues
        if event.kind.startswith("job.") and event.before != event.after:
            self._job_moved(record, event)
        elif event.clip_index is not None:
            self._clip_moved(record, record.clips[event.clip_index], event)
        elif event.kind == "clips.skip":
            for clip in record.clips[json.loads(event.data_json)["first"] :]:
                if clip.state is ClipState.QUEUED:
                    clip.state = ClipState.SKIPPED
        elif event.kind == "clips.requeue":
            data = json.loads(event.data_json)
            for clip in record.clips[data["first"] : data["last"] + 1]:
                if clip.state != event.before:
                    self._fail("event_state", f"{event.data_json} says before {event.before}, it was {clip.state}")
                clip.state = ClipState.QUEUED

    def _executor_judged(self, event: JobEvent) -> None:
        count, head = self._executor_chain
        if (event.job_sequence, event.previous_hash) != (count + 1, head):
            self._fail("chain", f"event {event.sequence} of executors does not follow its predecessor")
        self._executor_chain = (event.job_sequence, event.hash)
        name = str(json.loads(event.data_json)["executor"])
        if event.kind == "executor.fence":
            self.fenced.add(name)
        else:
            self.fenced.discard(name)

    def _job_moved(self, record: JobRecord, event: JobEvent) -> None:
        if record.state.terminal and event.kind != "job.retry":
            self._fail("terminal_moved", f"{event.job_key} moved from {record.state} to {event.after}")
        if event.before and event.before != record.state:
            self._fail("event_state", f"{event.kind} says before {event.before}, it was {record.state}")
        record.state = JobState(event.after)
        if event.kind == "job.cancel":
            record.cancelled = True

    def _clip_moved(self, record: JobRecord, clip: ClipRecord, event: JobEvent) -> None:
        index = event.clip_index
        if event.before != clip.state:
            self._fail("event_state", f"{event.kind} {index} says before {event.before}, it was {clip.state}")
        clip.state = ClipState(event.after)
        if event.kind in ("clip.prepare", "clip.stage", "clip.deliver"):
            clip.prepared.add(str(json.loads(event.data_json)["sha256"]))
        elif event.kind == "clip.start":
            clip.starts += 1
        elif event.kind == "clip.grant" and event.actor.partition("/")[2] in self.fenced:
            self._fail("granted_to_fenced", f"{event.actor} is fenced and got clip {index}")
        elif event.kind == "clip.stale_report":
            self._told_stale(event)
        elif event.kind in DOUBTS:
            self._doubted(record, clip, event)
        elif event.kind in ("clip.return", "clip.inspect_returned") and "ENGINE_UNAVAILABLE" in event.data_json:
            said = self._said_lost.get((event.job_key, index or 0, event.actor.partition("/")[2]))
            self._engines_lost.update(() if said is None else (said,))
        elif event.kind in MADE_BY:
            clip.completed += 1
            if clip.completed > 1:
                self._fail("completed_twice", f"clip {index} of {event.job_key}")
            self._need_file(record, clip, index)
        elif event.after in (ClipState.SKIPPED, ClipState.FAILED) and event.kind != "clip.failure_final":
            self._need_no_file(clip, index, event)

    def _doubted(self, record: JobRecord, clip: ClipRecord, event: JobEvent) -> None:
        """Lost work is made again only by an operator, or by its submission's policy as often as it says."""
        if event.kind == "clip.interrupt":
            clip.in_doubt = True
        elif event.kind == "clip.requeue_by_policy":
            clip.in_doubt = False
            clip.requeues += 1
            if clip.requeues > record.plan.requeues:
                self._fail("requeued_too_often", f"clip {event.clip_index}: {clip.requeues} of {record.plan.requeues}")
        elif clip.in_doubt:
            self._fail("requeued_unasked", f"clip {event.clip_index} was lost and queued again without anybody's word")

    def _told_stale(self, event: JobEvent) -> None:
        data = json.loads(event.data_json)
        key = (str(data["lease_id"]), str(data["report"]))
        if key in self._stale:
            self._fail("stale_twice", f"a stale report was recorded again: {key}")
        self._stale.add(key)

    def _need_file(self, record: JobRecord, clip: ClipRecord, index: int | None) -> None:
        inode = self._disk.names.get(clip.output)
        if inode is None:
            self._fail("completed_without_file", f"clip {index}: nothing stands at {clip.output}")
            return
        if hashlib.sha256(inode.content).hexdigest() not in clip.prepared:
            self._fail("completed_other_file", f"clip {index}: {clip.output} was never prepared: {inode.content!r}")
        if self._disk.durable.get(clip.output) is not inode or inode.flushed != inode.content:
            self._fail("completed_not_durable", f"clip {index}: {clip.output} would not survive a power loss")

    def _need_no_file(self, clip: ClipRecord, index: int | None, event: JobEvent) -> None:
        inode = self._disk.names.get(clip.output)
        if inode is not None and any(inode is made for made in clip.made):
            self._fail("file_of_unfinished", f"clip {index} is {event.after} by {event.kind}, and {clip.output} stands")

    # --- the disk ----------------------------------------------------------------------------------------------------

    def name_changed(self, path: str, before: Inode | None, after: Inode | None) -> None:
        """A name was set or removed."""
        process = current_process()
        owner = self._outputs.get(path)
        if process is None or owner is None:
            return
        record, index = owner
        clip = record.clips[index]
        if after is None:
            moved = before is not None and not any(before is made for made in clip.made)
            if moved and record.plan.collision is CollisionPolicy.OVERWRITE:
                return  # moved aside; that its bytes lie somewhere is checked at the end
            self._fail("removed_final", f"{process.name} removed {path}")
            return
        if before is not None and before is not after:
            self._fail("overwritten", f"{process.name} replaced what stood at {path}")
        if any(after is inode for inode in self._aside):
            return  # put back
        self._published(record, clip, index, after)

    def _published(self, record: JobRecord, clip: ClipRecord, index: int, inode: Inode) -> None:
        clip.made.append(inode)
        if not inode.content.endswith(END) or inode.flushed != inode.content:
            self._fail("incomplete_final", f"{clip.output} is not whole and durable: {inode.content!r}")
        if hashlib.sha256(inode.content).hexdigest() not in clip.prepared:
            self._fail("published_unprepared", f"{clip.output} was published and never prepared")
        if clip.state not in (ClipState.PUBLISHING, ClipState.INTERRUPTED):
            self._fail("published_in_state", f"{clip.output} was published while its clip was {clip.state}")
        if clip.probed is not None:
            wanted = hashlib.sha256(clip.probed).hexdigest().encode()
            if not inode.content.startswith(b"PROXY OF " + wanted):
                self._fail("other_source", f"{clip.output} is a proxy of other bytes than those probed")
        if record.plan.policy is FailurePolicy.FAIL_FAST:
            missing = [earlier for earlier in range(index) if not record.clips[earlier].made]
            if missing:
                self._fail("out_of_order", f"clip {index} was published before {missing}")

    # --- tools and clients -------------------------------------------------------------------------------------------

    def tool_started(self, lease: Lease) -> None:
        """A tool began to work for a lease."""
        clip = self.jobs[lease.job_key].clips[lease.clip_index]
        clip.tools += 1
        if lease.lease_id in self._started_leases:
            self._fail("attempt_twice", f"attempt {lease.lease_id} of clip {lease.clip_index} runs a second tool")
        self._started_leases.add(lease.lease_id)
        if clip.tools > clip.starts:
            self._fail("started_unrecorded", f"clip {lease.clip_index} runs, and no start of it is recorded")

    def engine_asked(self, lease: Lease, *, process: str, resolve: bool) -> None:
        """An executor began an INSPECT or ENCODE. RAW is Resolve's; nothing goes back to who had no engine for it."""
        if self.jobs[lease.job_key].plan.raw is not resolve:
            self._fail("wrong_engine", f"{process} works on {lease.kind} {lease.clip_index}: for another engine")
        if (lease.step_id, process) in self._engines_lost and process.partition("#")[0] not in self._twinned:
            self._fail("same_host_again", f"{process} had no engine for clip {lease.clip_index} and has it again")

    def twin_starts(self, host: str) -> None:
        """Two processes share a name: it is avoided until one of them, whichever, opens a session anew."""
        self._twinned.add(host)

    def engine_lost(self, lease: Lease, *, process: str) -> None:
        """An executor had no engine for an INSPECT or ENCODE. It counts once the scheduler has recorded its word."""
        self._said_lost[lease.job_key, lease.clip_index, process.partition("#")[0]] = (lease.step_id, process)

    def probed(self, item: ProbeItem, content: bytes) -> None:
        """A source was probed with these bytes."""
        self._probed[f"/{item.source.path}"] = content

    # --- the end -----------------------------------------------------------------------------------------------------

    def end(self, *, clean: bool) -> None:
        """Everything came to rest. `clean`: nothing died that could have left a staged file."""
        for job_key, record in self.jobs.items():
            self._verify_chain(job_key, record)
            self._compare_files(job_key, record)
        if clean and (
            left := sorted(path for path in self._disk.names if "/.proxx/" in path and ".replaced" not in path)
        ):
            self._fail("leftovers", f"staged files are left: {left}")
        kept = {id(inode) for inode in self._disk.names.values()}
        for inode in self._aside:
            if id(inode) not in kept or inode.content != inode.flushed:
                self._fail("replaced_lost", f"a file that is not ours is gone: {inode.content!r}")

    def stands(self, inode: Inode) -> None:
        """A file that is not ours: whatever happens, its bytes stay somewhere."""
        self._aside.append(inode)

    def taken_away(self, inode: Inode) -> None:
        """An operator took a file away that is not ours."""
        self._aside = [other for other in self._aside if other is not inode]

    def _verify_chain(self, job_key: str, record: JobRecord) -> None:
        for event in record.events:
            fields = {
                "previous_hash": event.previous_hash,
                "sequence": event.sequence,
                "job_key": event.job_key,
                "job_sequence": event.job_sequence,
                "clip_index": event.clip_index,
                "event_time": event.event_time.isoformat(timespec="microseconds"),
                "actor": event.actor,
                "kind": event.kind,
                "before": event.before,
                "after": event.after,
                "data_json": event.data_json,
            }
            if digest(fields) != event.hash:
                self._fail("chain_hash", f"event {event.sequence} of {job_key} has another hash than its content")
                return

    def _compare_files(self, job_key: str, record: JobRecord) -> None:
        plan = record.plan
        for index, clip in enumerate(record.clips):
            inode = self._disk.names.get(clip.output)
            ours = inode is not None and any(inode is made for made in clip.made)
            if ours != (clip.state is ClipState.COMPLETED):
                self._fail("file_and_state", f"clip {index} of {job_key} is {clip.state}; file of ours: {ours}")
        if record.state is JobState.REJECTED or record.cancelled or not self._plan.comparable:
            return
        states = [clip.state for clip in record.clips]
        if states != sequential_states(plan):
            self._fail("not_sequential", f"{job_key} ended {states}, a sequential run ends {sequential_states(plan)}")


def sequential_states(plan: JobPlan) -> list[ClipState]:
    """Return how the clips of a job end when they are made one by one and nothing goes wrong but the bad ones."""
    states: list[ClipState] = []
    stopped = False
    for index in range(plan.clips):
        if stopped:
            states.append(ClipState.SKIPPED)
        elif index in plan.bad:
            states.append(ClipState.FAILED)
            stopped = plan.policy is FailurePolicy.FAIL_FAST
        else:
            states.append(ClipState.COMPLETED)
    return states
