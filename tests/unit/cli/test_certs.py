"""`proxx certs`: an authority and its certificates on disk."""

import json
import os
import stat

import pytest

from proxx.cli.main import run_cli
from proxx.runtime.certificate_facts import facts_in


@pytest.fixture
def place(tmp_path, capsys):
    assert run_cli(["certs", "init", str(tmp_path / "ca")]) == 0
    capsys.readouterr()
    return tmp_path / "ca"


def issued(place, *words):
    return run_cli(["certs", "issue", *words, "--ca", str(place)])


def facts(path):
    return facts_in(path.read_bytes())[0]


def test_an_authority_is_made_and_says_what_it_is_for(tmp_path, capsys):
    assert run_cli(["certs", "init", str(tmp_path / "ca"), "--name", "West", "--days", "30"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}/ca/ca.crt\n"
    assert err.startswith("This authority is for development and small sites")
    made = facts(tmp_path / "ca" / "ca.crt")
    assert (made.subject, (made.valid_until - made.valid_from).days) == ("CN=West", 30)


def test_keys_are_for_their_owner_and_certificates_for_everybody_whatever_the_umask(place):
    old = os.umask(0o077)
    try:
        issued(place, "farm", "--server", "farm")
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()}
    assert modes == {"ca.crt": 0o644, "ca.key": 0o600, "farm.crt": 0o644, "farm.key": 0o600}


def test_a_certificate_is_for_what_was_asked(place, capsys):
    assert (
        issued(place, "both", "--server", "farm", "--server", "10.0.0.7", "--client", "--spiffe", "spiffe://w/x") == 0
    )
    assert capsys.readouterr().out == f"{place}/both.crt\n{place}/both.key\n"
    made = facts(place / "both.crt")
    assert (made.hosts, made.uses) == (("farm", "10.0.0.7"), ("server", "client"))
    assert made.access_names == ("spiffe://w/x", "dns:farm", "cn:both")


def test_nothing_is_replaced_unless_told(place, capsys):
    issued(place, "mam", "--client")
    first = facts(place / "mam.crt").serial
    assert issued(place, "mam", "--client") == 64
    assert capsys.readouterr().err.splitlines() == [
        f"{place}/mam.crt: is there; --replace takes its place",
        f"{place}/mam.key: is there; --replace takes its place",
    ]
    assert facts(place / "mam.crt").serial == first
    assert issued(place, "mam", "--client", "--replace") == 0
    assert facts(place / "mam.crt").serial != first


def test_an_authority_is_not_replaced_unless_told(place):
    before = (place / "ca.crt").read_bytes()
    assert run_cli(["certs", "init", str(place)]) == 64
    assert (place / "ca.crt").read_bytes() == before
    assert run_cli(["certs", "init", str(place), "--replace"]) == 0
    assert (place / "ca.crt").read_bytes() != before


def test_certificates_are_shown_with_what_the_access_file_calls_them(place, capsys):
    issued(place, "mam", "--client", "--spiffe", "spiffe://west/mam")
    capsys.readouterr()
    assert run_cli(["certs", "show", str(place / "mam.crt")]) == 0
    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines() if line[0] != " ")
    assert (lines["subject"], lines["for"]) == ("CN=mam", "client")
    assert lines["access"] == "file  spiffe://west/mam, cn:mam"
    assert run_cli(["certs", "show", str(place / "mam.crt"), "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["certificates"]
    assert (shown["sha256"], shown["serial"]) == (facts(place / "mam.crt").sha256, facts(place / "mam.crt").serial)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (
            ["../x", "--client"],
            64,
            "../x: 1 to 64 letters, digits and . _ - are a name (it becomes the files'), other than ca",
        ),
        (
            ["ca", "--client"],
            64,
            "ca: 1 to 64 letters, digits and . _ - are a name (it becomes the files'), other than ca",
        ),
        (["x"], 64, "x: a certificate is for a server (its hosts), a client, or both"),
        (
            ["x", "--server", "h", "--spiffe", "spiffe://a/b"],
            64,
            "proxx: --spiffe names a client: it goes with --client",
        ),
    ],
    ids=["a path", "the authority's own name", "for nothing", "a name of a client for a server"],
)
def test_what_cannot_be_issued_is_refused(place, capsys, words, code, line):
    assert issued(place, *words) == code
    assert capsys.readouterr().err.splitlines()[-1] == line


def test_without_an_authority_it_is_said_how_one_is_made(tmp_path, capsys):
    assert issued(tmp_path, "x", "--client") == 4
    expected = f"{tmp_path}/ca.crt: No such file or directory; proxx certs init makes an authority\n"
    assert capsys.readouterr().err == expected


def test_a_file_without_certificates_is_said(tmp_path, capsys):
    (tmp_path / "x").write_text("nothing", encoding="ascii")
    assert run_cli(["certs", "show", str(tmp_path / "x")]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path}/x: holds no certificates in PEM form: ")
