"""SubmitJob, and the end of admission."""

from dataclasses import replace

from proxx.core.actor import SUBMITTER
from proxx.core.detection import DEFAULT_SOURCE_MATRIX
from proxx.core.failure import Failure
from proxx.core.jobs import CollisionPolicy, JobView
from proxx.core.profile_library import ProfileLibrary
from proxx.core.roots import RootTable
from proxx.core.steps import InspectReport, ProbedSource, ProbeItem, ProbeReport, ProbeWork
from proxx_scheduler.app.errors import JobNotFoundError, RequestReusedError
from proxx_scheduler.app.inspecting import inspected
from proxx_scheduler.app.intake import Body, take_in
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.records import LeaseRecord, NewJob, ProbeRange, ProbesDone
from proxx_scheduler.app.unprobed import unprobed
from proxx_scheduler.app.verbs import check_request_id
from proxx_scheduler.domain.probing import probes_of


class Submitting:
    """Takes jobs in and admits them. Every method runs inside one write transaction."""

    def __init__(
        self,
        *,
        library: ProfileLibrary,
        roots: RootTable,
        clock: Clock,
        ids: Ids,
        source_matrix: int = DEFAULT_SOURCE_MATRIX,
    ) -> None:
        """Take what a decision needs from the outside; `source_matrix` is the site's version of the source matrix."""
        self._library = library
        self._roots = roots
        self._clock = clock
        self._ids = ids
        self._source_matrix = source_matrix

    def submit(
        self, tx: Tx, *, request_id: str, body: Body, actor: str = SUBMITTER, owner: str = ""
    ) -> tuple[JobView, bool]:
        """Store a new job that `actor` submits and the identity `owner` owns, or return the one that this request made
        before, whoever made it.

        Raises:
            RequestInvalidError: the request_id is empty, too long, or holds a control character.
            RequestReusedError: it was used with another body.
            ViolationsError: the job breaks rules; the request_id stays free.
        """
        check_request_id(request_id)
        known = tx.request(request_id)
        if known is not None:
            digest, job_key = known
            if digest != body.body_digest:
                raise RequestReusedError(request_id=request_id, stored=digest, received=body.body_digest)
            return _view(tx, job_key), False
        now = self._clock.now()
        intake = take_in(body=body, library=self._library, roots=self._roots, job_id=self._ids.new_job_id(), now=now)
        count = len(intake.clips)
        probes = tuple(ProbeRange(first=probe.first, last=probe.last) for probe in probes_of(ranges=((0, count - 1),)))
        job = NewJob(
            job_key=self._ids.new_key(),
            job_id=str(intake.spec.job_id),
            request_id=request_id,
            body_digest=body.body_digest,
            received_text=body.text,
            received_digest=body.received_digest,
            spec=intake.canonical,
            spec_digest=intake.spec_digest,
            options=body.options,
            clips=intake.clips,
            probes=probes,
            submit_time=now,
            actor=actor,
            owner=owner,
        )
        tx.add_request(request_id=request_id, body_digest=body.body_digest, job_key=job.job_key)
        tx.add_job(job, step_ids=tuple(self._ids.new_step_id() for _ in probes))
        return _view(tx, job.job_key), True

    def probe_work(self, tx: Tx, *, job_key: str, first: int, last: int) -> ProbeWork:
        """Return the work of a PROBE step. The first one looks at the output directory too."""
        clips = tx.stored_clips(job_key, first=first, last=last)
        items = tuple(ProbeItem(clip_index=clip.clip_index, source=clip.source, output=clip.output) for clip in clips)
        document = tx.document(job_key)
        options = document.options
        looks = first == 0 or document.run_number > 1  # a later run may not begin with the first clip
        return ProbeWork(
            items=items,
            output_directory=clips[0].output.parent() if looks else None,
            create_output_directory=options.create_output_directory,
            source_matrix=self._source_matrix,
            report_suffixes=options.collision_policy is CollisionPolicy.SUFFIX,
            report_existing=options.collision_policy is CollisionPolicy.OVERWRITE,
        )

    def probed(self, tx: Tx, *, lease: LeaseRecord, outcome: ProbeReport | Failure, ended: str = "DONE") -> None:
        """Keep what a PROBE step found; `decide_if_probed` is to follow. `ended` is the outcome of its attempt."""
        tx.end_attempt(lease, outcome=ended, now=self._clock.now())
        tx.finish_step(lease)
        if isinstance(outcome, Failure):
            tx.set_probed(lease.job_key, probed=_failed_probe(tx, lease, outcome))
        else:
            tx.set_probed(lease.job_key, probed=outcome.sources)
            if outcome.output_directory_violations:
                found = tuple(replace(item, field="output_directory") for item in outcome.output_directory_violations)
                tx.set_violations(lease.job_key, violations=found)

    def inspected(self, tx: Tx, *, lease: LeaseRecord, outcome: InspectReport | Failure, ended: str = "DONE") -> None:
        """Keep what an INSPECT step found, as `probed` does."""
        tx.end_attempt(lease, outcome=ended, now=self._clock.now())
        tx.finish_step(lease)
        (clip,) = tx.stored_clips(lease.job_key, first=lease.clip_index, last=lease.clip_index)
        if clip.probed is not None:
            found = inspected(probed=clip.probed, path=clip.source_path, outcome=outcome)
            tx.set_probed(lease.job_key, probed=(found,))

    def decide_if_probed(self, tx: Tx, *, job_key: str) -> None:
        """Have a job decided about once the last of its PROBE or INSPECT steps is done."""
        if tx.open_probes(job_key) == 0:
            tx.effects.append(ProbesDone(job_key=job_key))


def _failed_probe(tx: Tx, lease: LeaseRecord, failure: Failure) -> tuple[ProbedSource, ...]:
    return tuple(
        unprobed(clip_index=clip.clip_index, path=clip.source_path, why=failure.message)
        for clip in tx.stored_clips(lease.job_key, first=lease.clip_index, last=lease.last_clip)
    )


def _view(tx: Tx, job_key: str) -> JobView:
    view = tx.job_view(job_key)
    if view is None:
        raise JobNotFoundError(job_key=job_key)
    return view
