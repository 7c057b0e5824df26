"""How commands prove themselves: options, variables, and what they say when a server does not take them."""

from datetime import timedelta
from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from proxx.core.access import CallerView
from proxx.embedded.target import Target
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity
from proxx.rpc.errors import RefusedCallError
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World

SERVER = ["--server", "farm:7600"]


@pytest.fixture(autouse=True)
def _own_variables(monkeypatch):
    for name in ("TLS_CA", "TLS_CLIENT_CERTIFICATE", "TLS_CLIENT_KEY", "TOKEN_FILE", "TOKEN", "SERVER"):
        monkeypatch.delenv(f"PROXX_{name}", raising=False)


def security(*words):
    world = World()
    assert run_cli(list(words), environment=world.environment()) == 0
    return world.targets[-1].security


def test_without_options_nothing_is_shown():
    assert security("executors", "list") == OPEN_CLIENT


def test_options_reach_the_target():
    words = ["--tls-ca", "ca.crt", "--tls-client-certificate", "me.crt", "--tls-client-key", "me.key"]
    assert security("executors", "list", *SERVER, *words, "--token-file", "token") == ClientSecurity(
        tls_ca="ca.crt",
        tls_client_certificate=Path("me.crt"),
        tls_client_key=Path("me.key"),
        token_file=Path("token"),
    )


def test_variables_stand_for_options(monkeypatch):
    monkeypatch.setenv("PROXX_TLS_CA", "system")
    monkeypatch.setenv("PROXX_TOKEN", "proxx_t ")
    assert security("jobs", "list", *SERVER) == ClientSecurity(tls_ca="system", token="proxx_t")


def test_an_option_wins_over_variables(monkeypatch):
    monkeypatch.setenv("PROXX_TOKEN", "proxx_t")
    monkeypatch.setenv("PROXX_TOKEN_FILE", "other")
    assert security("jobs", "list", *SERVER, "--token-file", "mine").token_file == Path("mine")


def test_an_embedded_scheduler_is_not_reached_by_variables_of_servers(monkeypatch):
    monkeypatch.setenv("PROXX_TOKEN", "proxx_t")
    monkeypatch.setenv("PROXX_TLS_CA", "absent")
    world = World(scheduler=FakeScheduler(refusal=RefusedCallError(reason="DRAINING", message="it ends")))
    run_cli(["probe", "/media/x.mov"], environment=world.environment())
    assert world.targets == [Target(slots=world.targets[0].slots, security=OPEN_CLIENT)]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["probe", "x", "--token-file", "t"], "proxx: --token-file goes with --server"),
        (
            ["jobs", "list", *SERVER, "--tls-ca", "ca", "--tls-client-key", "k"],
            'proxx: tls-client-certificate: is needed beside "k"',
        ),
        (
            ["watch", "/x", *SERVER],
            "proxx: PROXX_TOKEN is for single commands; a watcher takes --token-file, and follows what it holds",
        ),
    ],
    ids=["a token for an embedded scheduler", "half of a certificate", "a watcher with a token of its own"],
)
def test_options_that_do_not_go_together_are_usage_errors(monkeypatch, capsys, words, line):
    monkeypatch.setenv("PROXX_TOKEN", "proxx_t")
    world = World()
    assert run_cli(words, environment=world.environment()) == 64
    assert capsys.readouterr().err.splitlines()[-1] == line


def test_two_tokens_from_variables_are_a_usage_error(monkeypatch, capsys):
    monkeypatch.setenv("PROXX_TOKEN", "proxx_t")
    monkeypatch.setenv("PROXX_TOKEN_FILE", "t")
    assert run_cli(["jobs", "list", *SERVER], environment=World().environment()) == 64
    assert "PROXX_TOKEN and PROXX_TOKEN_FILE are both set" in capsys.readouterr().err


def refused(reason, message="it is refused", **metadata):
    error = RefusedCallError(reason=reason, message=message, metadata=metadata)
    world = World(scheduler=FakeScheduler(refusal=error))
    return run_cli(["whoami"], environment=world.environment())


def test_a_missing_role_is_said_with_what_the_caller_has(capsys):
    assert refused("ROLE_MISSING", method="/s/M", needed="operator", has="submitter") == 4
    assert capsys.readouterr().err.splitlines() == [
        "refused: it is refused (ROLE_MISSING)",
        "needed: the role operator; yours: submitter (proxx whoami); the server's access file gives roles",
    ]


@pytest.mark.parametrize(
    "reason",
    [
        *("CREDENTIALS_MISSING", "TOKEN_UNKNOWN", "TOKEN_EXPIRED", "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED"),
        *("IDENTITY_UNKNOWN", "NOT_OWNER", "EXECUTOR_FOREIGN"),
    ],
)
def test_every_refusal_of_a_caller_says_what_to_do(capsys, reason):
    assert refused(reason) == 4
    lines = capsys.readouterr().err.splitlines()
    assert (lines[0], len(lines)) == (f"refused: it is refused ({reason})", 2)


def test_whoami_says_who_i_am_and_until_when(capsys):
    caller = CallerView(
        name="mam",
        how="token",
        roles=("submitter",),
        rights=("submitter", "viewer"),
        credential="2026-11",
        expire_time=samples.NOW + timedelta(days=3, hours=1),
        actor="identity/mam/claimed/me",
    )
    world = World(scheduler=FakeScheduler(caller=caller))
    assert run_cli(["whoami"], environment=world.environment()) == 0
    end = f"{caller.expire_time:%Y-%m-%d %H:%M} UTC, 3 days left"
    assert capsys.readouterr().out.splitlines() == [
        "identity     mam",
        "roles        submitter",
        "may act as   submitter, viewer",
        "by           token 2026-11",
        f"until        {end}",
        "recorded as  identity/mam/claimed/me",
    ]


def test_whoami_says_that_nobody_is_asked(capsys):
    assert run_cli(["whoami"], environment=World().environment()) == 0
    assert capsys.readouterr().out.splitlines() == [
        "nobody in particular: this server asks nobody who they are",
        "recorded as  claimed/me",
    ]
