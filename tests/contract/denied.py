"""Refusals for who calls, provoked over TLS with an access file; those of ownership at a whole scheduler."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc

from proxx.api.executors.v1.executor_service_pb2 import OpenSessionRequest
from proxx.api.jobs.v1 import job_service_pb2 as jobs_pb
from proxx.api.jobs.v1.jobspec_pb2 import SubmissionOptions
from proxx.api.profiles.v1 import profile_service_pb2_grpc
from proxx.rpc.mapping import to_message
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_security import ServerSecurity
from proxx.runtime.authority import Pair
from proxx.runtime.clock import SystemClock
from tests.contract.refusal import Refusal, refused
from tests.contract.secured import Caller, Site, secured, token_of
from tests.contract.world import PATIENCE_SECONDS, spec_of
from tests.fakes.leases import DESCRIPTION
from tests.rpc_certificates import authority, client_pair, identity_table, serial_of, server_files, token_table

TOKEN, EXPIRED, UNKNOWN = "proxx_valid", "proxx_expired", "proxx_unknown"
METHOD = "/proxx.api.profiles.v1.ProfileService/GetProfile"
JOBS = "/proxx.api.jobs.v1.JobService/"
SESSIONS = "/proxx.api.executors.v1.ExecutorService/"


class _Later(SystemClock):
    """The clock of this host, after every certificate of a test has ended."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=60)


async def denied(reason: str, directory: Path) -> Refusal:
    """Provoke one of the reasons of access.

    Raises:
        KeyError: it is none of them.
    """
    if reason in ("NOT_OWNER", "EXECUTOR_FOREIGN"):
        return await (_not_owner(directory) if reason == "NOT_OWNER" else _executor_foreign(directory))
    known, revoked = client_pair("known"), client_pair("known")
    token, certificate = {
        "CREDENTIALS_MISSING": (None, None),
        "TOKEN_UNKNOWN": (UNKNOWN, None),
        "TOKEN_EXPIRED": (EXPIRED, None),
        "ROLE_MISSING": (TOKEN, None),
        "CERTIFICATE_EXPIRED": (None, known),
        "CERTIFICATE_REVOKED": (None, revoked),
        "IDENTITY_UNKNOWN": (None, client_pair("unknown")),
    }[reason]
    table = identity_table("known", "executor", certificate="cn:known")
    table += token_table(TOKEN) + token_table(EXPIRED, key="old", expires="2020-01-01T00:00:00Z")
    table += f'[[revoked]]\nserial = "{serial_of(revoked)}"\n'
    files = server_files(directory, access=table)
    security = ServerSecurity(
        tls_certificate=files.certificate,
        tls_key=files.key,
        tls_client_ca=None if certificate is None else files.client_ca,
        access=files.access,
    )
    guard = security.load(clock=_Later() if reason == "CERTIFICATE_EXPIRED" else None)
    server = RpcServer(settings=ServerSettings(listen="127.0.0.1:0", security=guard), new_id=lambda: "id")
    service = profile_service_pb2_grpc.ProfileServiceServicer()
    server.add_service(
        profile_service_pb2_grpc.add_ProfileServiceServicer_to_server, service, "proxx.api.profiles.v1.ProfileService"
    )
    address = await server.start()
    try:
        return await _call(address, token, certificate)
    finally:
        await server.stop(grace_seconds=0)


async def _call(address: str, token: str | None, certificate: Pair | None) -> Refusal:
    credentials = grpc.ssl_channel_credentials(
        authority().certificate, certificate and certificate.key, certificate and certificate.certificate
    )
    metadata = () if token is None else (("authorization", f"Bearer {token}"),)
    async with grpc.aio.secure_channel(address, credentials) as channel:
        return await refused(channel.unary_unary(METHOD)(b"", metadata=metadata, timeout=PATIENCE_SECONDS))


async def _not_owner(directory: Path) -> Refusal:
    async with secured(Site(directory), name="denied") as world:
        mine = await world.connect(Caller(who="mam", token=token_of("mam")))
        submission = jobs_pb.SubmitJobRequest(
            request_id=str(uuid.uuid4()), spec_json=spec_of(), options=SubmissionOptions()
        )
        answer = await mine.unary_unary(f"{JOBS}SubmitJob", response_deserializer=jobs_pb.SubmitJobResponse.FromString)(
            submission.SerializeToString(), timeout=PATIENCE_SECONDS
        )
        other = await world.connect(Caller(who="mam-2", token=token_of("mam-2")))
        cancel = jobs_pb.CancelJobRequest(job_key=answer.job.job_key, request_id="cancel")
        return await refused(
            other.unary_unary(f"{JOBS}CancelJob")(cancel.SerializeToString(), timeout=PATIENCE_SECONDS)
        )


async def _executor_foreign(directory: Path) -> Refusal:
    async with secured(Site(directory), name="denied") as world:
        farm = await world.connect(Caller(who="farm-2", token=token_of("farm-2")))
        session = to_message(replace(DESCRIPTION, roots=("local",)), OpenSessionRequest).SerializeToString()
        return await refused(farm.unary_unary(f"{SESSIONS}OpenSession")(session, timeout=PATIENCE_SECONDS))
