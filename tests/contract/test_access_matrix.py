"""Each method for each role and each fault of an identity, over real TLS: answered as published, refusals recorded.

The table is written out here, so that neither the product's own table nor its page can change alone.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from proxx.api.executors.v1 import executor_service_pb2 as executors_pb
from proxx.api.executors.v1 import executor_service_pb2_grpc, lease_pb2
from proxx.api.jobs.v1 import job_service_pb2 as jobs_pb
from proxx.api.jobs.v1 import job_service_pb2_grpc
from proxx.api.jobs.v1.jobspec_pb2 import SubmissionOptions
from proxx.api.operator.v1 import operator_service_pb2 as operator_pb
from proxx.api.operator.v1 import operator_service_pb2_grpc
from proxx.cli.audit_verify import verify_server
from proxx.cli.audit_walk import Progress
from proxx.core.access import FORWARDED_KEY, Identity, Role, forwarded_of
from proxx.rpc.client import SchedulerClient
from proxx.rpc.mapping import to_message
from proxx_scheduler.app.denials import Denials
from proxx_scheduler.transport.denied_calls import NOTE_DENIALS
from proxx_scheduler.transport.service_table import STREAMS
from tests.contract.refusal import refused
from tests.contract.secured import (
    IDENTITIES,
    METHODS,
    Caller,
    Secured,
    Site,
    answer_of,
    secured,
    token_of,
)
from tests.contract.world import spec_of
from tests.fakes.leases import DESCRIPTION, prepared_output
from tests.fakes.replicas import standing_by

ANYBODY, KNOWN = "anybody", "known"
TABLE = """
anybody   grpc.health.v1.Health                           Check List Watch
viewer    grpc.reflection.v1alpha.ServerReflection        ServerReflectionInfo
viewer    proxx.api.jobs.v1.JobService                    GetJob GetSubmission ListJobs ListClips WatchJobs PlanVerb
viewer    proxx.api.jobs.v1.JobService                    GetSpecRevision GetJobResult
submitter proxx.api.jobs.v1.JobService                    SubmitJob PlanJob ProbeSource StartJob CancelJob
operator  proxx.api.jobs.v1.JobService                    PauseJob ResumeJob RetryFailedClips RebindPreset
operator  proxx.api.jobs.v1.JobService                    UpdateJobScheduling
submitter proxx.api.watch.v1.WatchService                 ReportFolders
viewer    proxx.api.watch.v1.WatchService                 ListFolders
known     proxx.api.operator.v1.OperatorService           WhoAmI
viewer    proxx.api.operator.v1.OperatorService           GetSystemInfo ListExecutors
operator  proxx.api.operator.v1.OperatorService           DrainExecutor UndrainExecutor
viewer    proxx.api.operator.v1.AuditService              ReadLog PlanPrune
operator  proxx.api.operator.v1.AuditService              PruneEvents
replica   proxx.api.operator.v1.AuditService              NoteDenials
viewer    proxx.api.profiles.v1.ProfileService            ListProfiles GetProfile
executor  proxx.api.executors.v1.ExecutorService          OpenSession AcquireLeases RenewLeases PrepareLease
executor  proxx.api.executors.v1.ExecutorService          PrepareLeases CompleteLeases ReleaseLeases CloseSession
executor  proxx.api.executors.v1.ExecutorService          GetAsset
"""
NEEDS = {
    f"/{service}/{method}": needed
    for needed, service, *methods in map(str.split, TABLE.strip().splitlines())
    for method in methods
}
MAY = {
    Role.VIEWER: {ANYBODY, KNOWN, "viewer"},
    Role.SUBMITTER: {ANYBODY, KNOWN, "viewer", "submitter"},
    Role.OPERATOR: {ANYBODY, KNOWN, "viewer", "submitter", "operator"},
    Role.EXECUTOR: {ANYBODY, KNOWN, "executor"},
    Role.REPLICA: {ANYBODY, KNOWN, "replica"},
}
ROLES = {role: name for name, role in reversed(IDENTITIES.items())}
UNKNOWN = "unknown/loopback"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def published(role: Role) -> dict[str, str]:
    """What a caller with one role is answered, method by method."""
    return {method: "" if needed in MAY[role] else "ROLE_MISSING" for method, needed in NEEDS.items()}


def all_refused(reason: str) -> dict[str, str]:
    """What a caller is answered who is not let in at all."""
    return {method: "" if needed == ANYBODY else reason for method, needed in NEEDS.items()}


def bearer(name: str) -> Caller:
    return Caller(who=name, token=token_of(name))


async def verified(it: Secured, caller: Caller) -> bool:
    """Whether the whole log verifies, as `proxx audit verify` finds with the credentials of a caller."""
    async with SchedulerClient(it.address, security=it.site.security(caller)) as client:
        progress = Progress(now=lambda: datetime.now(UTC), word="verified")
        found = await verify_server(
            audit=client.audit, job_key=None, anchors=(), told=lambda _: None, progress=progress
        )
        return found.fault is None and found.records > 0


def test_the_table_has_every_method_that_is_served() -> None:
    assert set(NEEDS) == set(METHODS)


async def test_every_method_answers_tokens_as_published_and_every_refusal_is_in_the_log(site: Site) -> None:
    callers = [(bearer(name), f"identity/{name}", published(role)) for role, name in ROLES.items()]
    callers += [
        (Caller(who="nobody"), UNKNOWN, all_refused("CREDENTIALS_MISSING")),
        (bearer("stranger"), UNKNOWN, all_refused("TOKEN_UNKNOWN")),
        (bearer("olga of old"), "identity/olga", all_refused("TOKEN_EXPIRED")),
    ]
    async with secured(site, name="tokens") as it:
        for caller, who, expected in callers:
            answers = await it.answers(await it.connect(caller))
            assert answers == expected, caller.who
            it.expect(who, answers)
            await it.shell.denials.record()  # what a minute does
        assert it.recorded() == it.refused
        assert await verified(it, bearer("anna"))


async def test_every_method_answers_certificates_as_published_and_every_refusal_is_in_the_log(site: Site) -> None:
    def both(token: str, certificate: str) -> Caller:
        return Caller(who="both", token=token_of(token), certificate=site.client(certificate))

    callers = [
        (Caller(who=name, certificate=site.client(name)), f"identity/{name}", published(role))
        for role, name in ROLES.items()
    ]
    stranger = Caller(who="stranger", certificate=site.client("stranger"))
    callers += [
        (stranger, UNKNOWN, all_refused("IDENTITY_UNKNOWN")),
        (Caller(who="revoked", certificate=site.revoked), "identity/olga", all_refused("CERTIFICATE_REVOKED")),
        (both("anna", "olga"), "identity/anna", published(Role.VIEWER)),
        (both("olga", "stranger"), UNKNOWN, all_refused("IDENTITY_UNKNOWN")),
    ]
    async with secured(site, name="certificates", certificates=True) as it:
        for caller, who, expected in callers:
            answers = await it.answers(await it.connect(caller))
            assert answers == expected, caller.who
            it.expect(who, answers)
            await it.shell.denials.record()
        brief = await it.connect(Caller(who="brief", certificate=site.client("olga", days=1)))
        assert await it.answers(brief) == published(Role.OPERATOR)
        it.expect("identity/olga", published(Role.OPERATOR))
        it.clock.ahead = timedelta(days=2)  # on a connection that was made in time
        answers = await it.answers(brief)
        assert answers == all_refused("CERTIFICATE_EXPIRED")
        it.expect("identity/olga", answers)
        it.clock.ahead = timedelta()
        await it.shell.denials.record()
        assert it.recorded() == it.refused


@pytest.mark.parametrize("fault", ["none", "another authority's", "expired"])
async def test_tls_itself_refuses_a_certificate_that_is_not_of_the_authority_or_out_of_time(
    site: Site, fault: str
) -> None:
    pair = {
        "none": None,
        "another authority's": site.client("olga", other=True),
        "expired": Site.client(_earlier(site), "olga", days=1),
    }[fault]
    async with secured(site, name=f"tls {fault[:4]}", certificates=True) as it:
        channel = await it.connect(Caller(who=fault[:4], token=token_of("olga"), certificate=pair))
        assert await answer_of(channel, "/grpc.health.v1.Health/Check") == "UNAVAILABLE"


def _earlier(site: Site) -> Any:
    class Earlier:
        authority, other_authority, now = site.authority, site.other_authority, site.now - timedelta(days=3)

    return Earlier()


class Farm:
    """Executors and submitters of a scheduler with tokens."""

    def __init__(self, it: Secured, *, address: str = "") -> None:
        self._it = it
        self._address = address

    async def executors(self, name: str) -> Any:
        return executor_service_pb2_grpc.ExecutorServiceStub(
            await self._it.connect(bearer(name), address=self._address)
        )

    async def jobs(self, name: str) -> Any:
        return job_service_pb2_grpc.JobServiceStub(await self._it.connect(bearer(name), address=self._address))

    async def submitted(self, name: str) -> str:
        request = jobs_pb.SubmitJobRequest(
            request_id=f"by {name}",
            spec_json=spec_of(output_directory=f"/proxies/{name}"),
            options=SubmissionOptions(hold=True),
        )
        job = (await (await self.jobs(name)).SubmitJob(request)).job
        assert job.submitted_by == name
        return str(job.job_key)


def session(name: str, incarnation: str) -> executors_pb.OpenSessionRequest:
    description = replace(DESCRIPTION, name=name, incarnation=incarnation, roots=("local",))
    return to_message(description, executors_pb.OpenSessionRequest)


def staged_output() -> lease_pb2.PreparedOutput:
    output = prepared_output()
    facts = replace(output.measured.facts, reel_name="")
    return to_message(replace(output, measured=replace(output.measured, facts=facts)), lease_pb2.PreparedOutput)


async def test_a_submitter_starts_and_cancels_its_own_jobs_only(site: Site) -> None:
    async with secured(site, name="owners") as it:
        farm = Farm(it)
        keys = {name: await farm.submitted(name) for name in ("mam", "mam-2")}
        mam, olga = await farm.jobs("mam"), await farm.jobs("olga")
        start = jobs_pb.StartJobRequest(job_key=keys["mam-2"], request_id="start")
        cancel = jobs_pb.CancelJobRequest(job_key=keys["mam-2"], request_id="cancel")
        found = [await refused(mam.StartJob(start)), await refused(mam.CancelJob(cancel))]
        whose = f'job "{keys["mam-2"]}" was submitted by "mam-2"'
        message = f'{whose}; "mam" may do this to its own jobs only, an operator to any'
        facts = {"job_key": keys["mam-2"], "owner": "mam-2", "identity": "mam"}
        assert [(it.reason, it.code, it.message) for it in found] == [
            ("NOT_OWNER", grpc.StatusCode.PERMISSION_DENIED, message)
        ] * 2
        assert [it.metadata for it in found] == [
            {"method": f"/proxx.api.jobs.v1.JobService/{name}", **facts} for name in ("StartJob", "CancelJob")
        ]
        await olga.StartJob(start)
        await mam.StartJob(jobs_pb.StartJobRequest(job_key=keys["mam"], request_id="own"))
        await mam.CancelJob(jobs_pb.CancelJobRequest(job_key=keys["mam"], request_id="own too"))
        await it.shell.denials.record()
        service = "/proxx.api.jobs.v1.JobService"
        assert it.recorded() == Counter(
            {("identity/mam", f"{service}/{name}", "NOT_OWNER"): 1 for name in ("StartJob", "CancelJob")}
        )


async def test_an_executor_acts_in_no_session_and_under_no_name_of_another_identity(site: Site) -> None:
    async with secured(site, name="foreign") as it:
        farm = Farm(it)
        mine, foreign = await farm.executors("farm"), await farm.executors("farm-2")
        opened = await mine.OpenSession(session("ffmpeg-1", "one"))
        held = executors_pb.OpenSessionRequest()
        held.CopyFrom(session("other-1", "one"))
        in_it = {"session_id": opened.session_id}
        calls = {
            "OpenSession": foreign.OpenSession(session("ffmpeg-1", "two")),
            "AcquireLeases": foreign.AcquireLeases(executors_pb.AcquireLeasesRequest(acquire_sequence=1, **in_it)),
            "RenewLeases": foreign.RenewLeases(executors_pb.RenewLeasesRequest(**in_it)),
            "PrepareLease": foreign.PrepareLease(executors_pb.PrepareLeaseRequest(output=staged_output(), **in_it)),
            "PrepareLeases": foreign.PrepareLeases(executors_pb.PrepareLeasesRequest(**in_it)),
            "CompleteLeases": foreign.CompleteLeases(executors_pb.CompleteLeasesRequest(**in_it)),
            "ReleaseLeases": foreign.ReleaseLeases(executors_pb.ReleaseLeasesRequest(**in_it)),
            "CloseSession": foreign.CloseSession(executors_pb.CloseSessionRequest(**in_it)),
        }
        found = {name: (await refused(made)).reason for name, made in calls.items()}
        assert found == dict.fromkeys(calls, "EXECUTOR_FOREIGN")
        assert (await refused(foreign.OpenSession(held))).reason == "EXECUTOR_FOREIGN"  # the incarnation is farm's
        await mine.CloseSession(executors_pb.CloseSessionRequest(**in_it))
        await it.shell.denials.record()
        service = "/proxx.api.executors.v1.ExecutorService"
        assert it.recorded() == Counter(
            {
                ("identity/farm-2", f"{service}/{name}", "EXECUTOR_FOREIGN"): 1 + (name == "OpenSession")
                for name in calls
            }
        )


async def test_an_operator_sees_whose_an_executor_is(site: Site) -> None:
    async with secured(site, name="seen") as it:
        await (await Farm(it).executors("farm")).OpenSession(session("ffmpeg-1", "one"))
        anna = operator_service_pb2_grpc.OperatorServiceStub(await it.connect(bearer("anna")))
        (found,) = (await anna.ListExecutors(operator_pb.ListExecutorsRequest())).executors
        assert (found.name, found.identity) == ("ffmpeg-1", "farm")


@asynccontextmanager
async def through_standby(it: Secured, *, replica: str = "standby") -> AsyncIterator[tuple[str, Denials]]:
    """A standby in front of a scheduler: its address, and what it tells its leader about the calls that it denied."""
    guard = it.settings.server_security.load()
    denials = Denials(clock=it.clock)
    guard.on_denied(denials.note)
    async with standing_by(security=guard, to_leader=it.site.security(bearer(replica))) as found:
        denials.stand_by(found.forwarder.tell_denials)
        await found.sees(it.address)
        yield found.target, denials


async def test_nobody_but_a_replica_says_for_whom_it_calls(site: Site) -> None:
    forged = ((FORWARDED_KEY, forwarded_of(Identity(name="olga", roles=frozenset({Role.OPERATOR}), how="token"))),)
    pause = "/proxx.api.jobs.v1.JobService/PauseJob"
    async with secured(site, name="forged") as it:
        answers = {name: await answer_of(await it.connect(bearer(name)), pause, forged) for name in ("mam", "standby")}
        assert answers == {"mam": "ROLE_MISSING", "standby": ""}
        async with through_standby(it) as (address, _):
            assert await answer_of(await it.connect(bearer("mam"), address=address), pause, forged) == "ROLE_MISSING"


async def test_a_standby_refuses_by_itself_and_its_leader_records_it(site: Site) -> None:
    callers = [(bearer(name), f"identity/{name}", published(role)) for role, name in ROLES.items()]
    callers.append((Caller(who="nobody"), UNKNOWN, all_refused("CREDENTIALS_MISSING")))
    async with secured(site, name="standby") as it, through_standby(it) as (address, denials):
        for caller, who, expected in callers:
            channel = await it.connect(caller, address=address)
            answers = {method: await answer_of(channel, method) for method in STREAMS}
            if caller.who == "standby":  # nobody is a replica by another's word
                assert answers.pop(NOTE_DENIALS) == "ROLE_MISSING"
                it.expect(who, {NOTE_DENIALS: "ROLE_MISSING"})
            assert answers == {method: expected[method] for method in answers}, caller.who
            it.expect(who, answers)
            await denials.record()
            await it.shell.denials.record()
        assert it.recorded() == it.refused


async def test_a_standby_passes_calls_on_under_the_names_of_their_callers(site: Site) -> None:
    async with secured(site, name="passed on") as it, through_standby(it) as (address, _):
        farm = Farm(it, address=address)
        key = await farm.submitted("mam-2")
        cancel = (await farm.jobs("mam")).CancelJob(jobs_pb.CancelJobRequest(job_key=key, request_id="cancel"))
        assert (await refused(cancel)).reason == "NOT_OWNER"
        await (await farm.executors("farm")).OpenSession(session("ffmpeg-1", "one"))
        opened = (await farm.executors("farm-2")).OpenSession(session("ffmpeg-1", "two"))
        assert (await refused(opened)).reason == "EXECUTOR_FOREIGN"
        await it.shell.denials.record()
        assert it.recorded() == Counter(
            {
                ("identity/mam", "/proxx.api.jobs.v1.JobService/CancelJob", "NOT_OWNER"): 1,
                ("identity/farm-2", "/proxx.api.executors.v1.ExecutorService/OpenSession", "EXECUTOR_FOREIGN"): 1,
            }
        )


@pytest.mark.parametrize("replica", ["mam", "standby of old", "stranger"])
async def test_a_standby_that_the_leader_does_not_know_for_one_says_so_and_blames_no_caller(
    site: Site, replica: str
) -> None:
    async with secured(site, name="unknown") as it, through_standby(it, replica=replica) as (address, _):
        jobs = await Farm(it, address=address).jobs("olga")
        found = await refused(jobs.ListJobs(jobs_pb.ListJobsRequest()))
        assert (found.reason, found.code) == ("NOT_LEADER", grpc.StatusCode.UNAVAILABLE)
        assert found.message.startswith(
            "the call was not passed on: the leader does not take calls from this replica: "
        )
