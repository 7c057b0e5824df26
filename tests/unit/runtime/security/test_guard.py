import asyncio
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from proxx.core.access import OPEN, AccessReason, AccessRefusal, Denial
from proxx.runtime.address import AddressError
from proxx.runtime.security.denial_log import DenialLog
from proxx.runtime.security.guard import Guard
from proxx.runtime.security.options import SecurityError, SecurityOptions
from tests.fakes.clock import FakeClock
from tests.rpc_certificates import identity_table, new_token, server_files, token_table

TABLE = identity_table("ann", "viewer") + token_table(new_token())


def options(directory, **more):
    files = server_files(directory, access=TABLE)
    return SecurityOptions(
        **{"tls_certificate": files.certificate, "tls_key": files.key, "access": files.access} | more
    )


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        pytest.param(("access",), "--access missing", id="without access file"),
        pytest.param(("tls_certificate", "tls_key"), "--tls-certificate, --tls-key missing", id="without TLS"),
        pytest.param(
            ("tls_certificate", "tls_key", "access"), "--tls-certificate, --tls-key, --access missing", id="without all"
        ),
    ],
)
def test_listener_for_other_hosts_needs_tls_and_an_access_file(tmp_path, left_out, missing):
    guard = Guard(options=options(tmp_path, **dict.fromkeys(left_out)))
    with pytest.raises(AddressError) as caught:
        guard.admit(listener="grpc", address="0.0.0.0:7600")
    assert str(caught.value) == (
        f"'0.0.0.0:7600' (grpc) is reachable from other hosts: {missing}; "
        "give them, listen on 127.0.0.1, [::1] or unix:/path, or allow it with --insecure"
    )


@pytest.mark.parametrize(
    ("address", "given", "insecure"),
    [
        pytest.param("0.0.0.0:1", {}, 0.0, id="everything is given"),
        pytest.param("0.0.0.0:1", {"access": None, "insecure": True}, 1.0, id="insecure without access file"),
        pytest.param("127.0.0.1:1", {"access": None, "insecure": True}, 0.0, id="loopback"),
    ],
)
def test_gauge_tells_whether_a_listener_is_insecure(tmp_path, address, given, insecure):
    registry = CollectorRegistry()
    Guard(options=options(tmp_path, **given), registry=registry).admit(listener="grpc", address=address)
    assert registry.get_sample_value("proxx_insecure", {"listener": "grpc"}) == insecure


async def test_insecure_listener_is_said_at_once_and_every_hour():
    clock = FakeClock()
    guard = Guard(options=SecurityOptions(insecure=True), clock=clock)
    with capture_logs() as logs:
        guard.admit(listener="grpc", address="0.0.0.0:1")
        said = [len(logs)]
        for minutes in (59, 1, 59, 1):
            await clock.advance(60 * minutes)
            guard.tick()
            said.append(len(logs))
    assert said == [1, 1, 2, 2, 3]
    assert (logs[0]["log_level"], logs[0]["listener"], logs[0]["missing"]) == (
        "warning",
        "grpc",
        ["--tls-certificate", "--tls-key", "--access"],
    )


def test_guard_without_options_asks_nobody():
    guard = Guard(options=SecurityOptions())
    assert (guard.asks, guard.tls, guard.authenticate(token="x", certificate=None)) == (False, None, OPEN)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        pytest.param({"tls_key": None}, "tls-key: is needed beside tls-certificate", id="no key"),
        pytest.param({"tls_certificate": None}, "tls-certificate: is needed beside tls-key", id="no certificate"),
        pytest.param(
            {"tls_key": None, "tls_certificate": None, "tls_client_ca": "ca.pem"},
            "tls-certificate: is needed beside tls-client-ca: client certificates are part of TLS",
            id="client authority without TLS",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, given, rule):
    with pytest.raises(SecurityError) as caught:
        options(tmp_path, **given)
    assert str(caught.value) == rule


@pytest.mark.parametrize("name", ["certificate", "key", "client_ca", "access"])
def test_file_that_is_garbage_stops_the_start_by_its_name(tmp_path, name):
    files = server_files(tmp_path, access=TABLE)
    path = getattr(files, name)
    path.write_bytes(b"\xffgarbage")
    with pytest.raises(SecurityError) as caught:
        Guard(
            options=SecurityOptions(
                tls_certificate=files.certificate,
                tls_key=files.key,
                tls_client_ca=files.client_ca,
                access=files.access,
            )
        )
    assert str(path) in str(caught.value)


async def test_end_of_the_following_by_a_defect_is_loud(tmp_path):
    class BrokenClock(FakeClock):
        async def sleep(self, seconds):
            raise OverflowError("no such time")

    registry = CollectorRegistry()
    guard = Guard(options=options(tmp_path), registry=registry, clock=BrokenClock())
    with capture_logs() as logs:
        guard.start()
        await asyncio.sleep(0)  # the task runs and ends
        await guard.stop()
        await asyncio.sleep(0)  # and its end is told
    assert [(item["event"], item["log_level"]) for item in logs] == [("security.following_ended", "error")]
    current = [registry.get_sample_value("proxx_security_files_current", {"what": what}) for what in ("tls", "access")]
    assert current == [0, 0]


async def test_files_are_followed_while_a_listener_is_up(tmp_path):
    clock, registry = FakeClock(), CollectorRegistry()
    given = options(tmp_path)
    guard = Guard(options=given, registry=registry, clock=clock)

    def current():
        return registry.get_sample_value("proxx_security_files_current", {"what": "access"})

    guard.start()
    assert (current(), [entry.name for entry in guard.table.entries]) == (1, ["ann"])
    given.access.write_text("broken")
    await until(clock, lambda: current() == 0)
    given.access.write_text(TABLE.replace("ann", "bob"))
    await until(clock, lambda: current() == 1)
    assert [entry.name for entry in guard.table.entries] == ["bob"]
    await guard.stop()


async def until(clock, true):
    """Let seconds pass until something is so; the looks at the files happen in a thread of their own."""
    while not true():
        await clock.advance(1)
        await asyncio.sleep(0)


def test_certificate_that_ends_soon_is_told_with_its_end(tmp_path):
    registry = CollectorRegistry()
    guard = Guard(options=options(tmp_path), registry=registry)
    assert guard.tls is not None
    end = registry.get_sample_value("proxx_tls_certificate_not_after_seconds")
    assert end == guard.tls.not_after.timestamp()


DENIAL = Denial(service="s", method="m", reason=AccessReason.TOKEN_UNKNOWN, identity="", peer_kind="network")


def test_denied_call_is_counted_told_and_logged(tmp_path):
    registry, told = CollectorRegistry(), []
    guard = Guard(options=options(tmp_path), registry=registry)
    guard.on_denied(told.append)
    refusal = AccessRefusal(reason=AccessReason.TOKEN_UNKNOWN, message="why")
    with capture_logs() as logs:
        guard.denied(refusal, service="s", method="m", peer_kind="network")
    labels = {"service": "s", "method": "m", "reason": "TOKEN_UNKNOWN"}
    assert registry.get_sample_value("proxx_access_denied_total", labels) == 1
    assert told == [DENIAL]
    assert [(entry["event"], entry["message"]) for entry in logs] == [("access.denied", "why")]


def test_log_of_denials_has_one_line_a_kind_and_minute_and_the_rest_as_a_count():
    log = DenialLog()
    with capture_logs() as logs:
        for second in range(5):
            log.note(DENIAL, message="why", now=second)
        log.tick(61)
        log.note(DENIAL, message="why", now=62)
    assert [(entry["event"], entry.get("count")) for entry in logs] == [
        ("access.denied", None),
        ("access.denied_again", 4),
        ("access.denied", None),
    ]


def test_log_of_denials_is_bounded_however_many_kinds_there_are():
    log = DenialLog()
    with capture_logs() as logs:
        for number in range(1000):
            kind = Denial(
                service="s", method="m", reason=AccessReason.ROLE_MISSING, identity=str(number), peer_kind="unix"
            )
            log.note(kind, message="why", now=0)
        log.tick(timedelta(minutes=2).total_seconds())
    assert (len(logs), logs[-1]["event"], logs[-1]["count"]) == (101, "access.denied_others", 900)
