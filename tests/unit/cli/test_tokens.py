"""`proxx tokens` and `proxx access`: the access file on disk."""

import hashlib
import json
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from proxx.cli.main import run_cli
from proxx.core.access.access_reader import read_access

OLD = """# the west site
[[identity]]
name = "mam"
roles = ["submitter"]
[[identity.token]]
id = "old"
sha256 = "{digest}"
expires = 2020-01-01T00:00:00Z
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "access.toml"


@pytest.fixture
def old(file):
    file.write_text(OLD.format(digest="a" * 64), encoding="utf-8")
    return file


def tokens(*words, file):
    return run_cli(["tokens", *words, "--access", str(file)])


def table(file):
    return read_access(text=file.read_text(encoding="utf-8"), origin="it")


def held(file):
    return sorted((entry.name, token.id) for entry, token in table(file).tokens.values())


def test_a_token_is_printed_once_and_only_its_hash_is_kept(file, capsys):
    assert tokens("create", "mam", "--role", "submitter", file=file) == 0
    out, err = capsys.readouterr()
    token = out.strip()
    assert (len(token), token[:6]) == (49, "proxx_")
    assert list(table(file).tokens) == [hashlib.sha256(token.encode()).hexdigest()]
    assert token not in file.read_text(encoding="utf-8") + err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_goes_into_a_file_of_its_own_user(file, tmp_path, capsys):
    place = tmp_path / "token"
    assert tokens("create", "mam", "--role", "submitter", "--out", str(place), file=file) == 0
    assert capsys.readouterr().out == f"{place}\n"
    assert list(table(file).tokens) == [hashlib.sha256(place.read_bytes().strip()).hexdigest()]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert tokens("create", "mam", "--out", str(place), file=file) == 64
    assert len(held(file)) == 1


def test_a_token_that_nobody_took_in_is_not_left_behind(old, tmp_path):
    assert tokens("create", "mam", "--role", "viewer", "--out", str(tmp_path / "token"), file=old) == 1
    assert not (tmp_path / "token").exists()


def test_tokens_of_one_identity_overlap_under_ids_of_their_own(file):
    for _ in range(3):
        assert tokens("create", "mam", "--role", "submitter", file=file) == 0
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert held(file) == [("mam", today), ("mam", f"{today}-2"), ("mam", f"{today}-3")]


@pytest.mark.parametrize(
    ("text", "span"),
    [("90d", timedelta(days=90)), ("12h", timedelta(hours=12))],
    ids=["days", "hours"],
)
def test_a_token_ends_when_it_is_told(file, text, span):
    before = datetime.now(UTC)
    assert tokens("create", "mam", "--role", "submitter", "--expires", text, file=file) == 0
    ((_, token),) = table(file).tokens.values()
    assert before + span - timedelta(seconds=1) <= token.expires <= datetime.now(UTC) + span


def test_a_token_ends_on_a_date(file):
    assert tokens("create", "mam", "--role", "submitter", "--expires", "2999-05-01", file=file) == 0
    ((_, token),) = table(file).tokens.values()
    assert token.expires == datetime(2999, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0d", "soon", "2020-01-01"], ids=["no days", "no time", "past"])
def test_a_time_that_cannot_be_an_end_is_refused(file, text):
    assert tokens("create", "mam", "--role", "submitter", "--expires", text, file=file) == 64
    assert not file.exists()


def test_comments_mode_and_links_stay(old, tmp_path):
    old.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(old)
    assert tokens("create", "mam", file=link) == 0
    assert old.read_text(encoding="utf-8").startswith("# the west site\n")
    assert (stat.S_IMODE(old.stat().st_mode), link.is_symlink()) == (0o640, True)


def test_tokens_are_listed_with_what_is_left_of_them(old, capsys):
    tokens("create", "mam", "--id", "new", "--expires", "2999-01-01", file=old)
    capsys.readouterr()
    assert tokens("list", file=old) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "mam       old  submitter  2020-01-01 00:00 UTC  EXPIRED"
    assert lines[2].startswith("mam       new  submitter  2999-01-01 00:00 UTC  ")
    tokens("list", "--json", file=old)
    assert [item["expired"] for item in json.loads(capsys.readouterr().out)["tokens"]] == [True, False]


def test_expired_tokens_are_pruned_and_others_stay(old, capsys):
    tokens("create", "mam", "--id", "new", file=old)
    capsys.readouterr()
    assert tokens("prune", file=old) == 0
    assert capsys.readouterr().err.splitlines() == ["mam: old expired on 2020-01-01", "1 token removed"]
    assert held(old) == [("mam", "new")]


def test_a_token_is_revoked_by_its_id_or_all_are(old):
    tokens("create", "mam", "--id", "new", file=old)
    assert tokens("revoke", "mam", "old", file=old) == 0
    assert held(old) == [("mam", "new")]
    assert tokens("revoke", "mam", "--all", file=old) == 0
    assert held(old) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [(["mam"], 64), (["mam", "old", "--all"], 64), (["mam", "other"], 1), (["other", "--all"], 1)],
    ids=["no id", "an id and all", "no such token", "no such identity"],
)
def test_what_is_not_there_is_not_revoked(old, words, code):
    before = old.read_bytes()
    assert tokens("revoke", *words, file=old) == code
    assert old.read_bytes() == before


def test_a_file_that_breaks_rules_is_not_touched(file, capsys):
    file.write_text('[[identity]]\nname = "a/b"\n', encoding="utf-8")
    assert tokens("create", "mam", "--role", "viewer", file=file) == 1
    assert file.read_text(encoding="utf-8") == '[[identity]]\nname = "a/b"\n'
    assert f"{file}: identity[0]: roles: required key is missing" in capsys.readouterr().err.splitlines()


def test_an_access_file_is_checked_and_what_is_useless_is_said(old, capsys):
    old.chmod(0o622)
    assert run_cli(["access", "check", str(old)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "IDENTITY  ROLES      CERTIFICATE  TOKENS  EXECUTORS",
        "mam       submitter  -            1       -",
    ]
    assert err.splitlines() == [
        "warning: token old of mam expired on 2020-01-01; proxx tokens prune removes it",
        "warning: mam has neither a certificate nor a valid token: nobody can be it",
        f"warning: {old} can be written by others than its owner: whoever does so decides who may do what",
        f"{old}: valid",
    ]


def test_every_mistake_of_an_access_file_is_said(file, capsys):
    file.write_text('[[identity]]\nname = "a/b"\nroles = ["chief"]\n', encoding="utf-8")
    assert run_cli(["access", "check", str(file)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_missing_file_is_said(file, capsys):
    assert run_cli(["access", "check", str(file)]) == 4
    assert capsys.readouterr().err == f"{file}: {os.strerror(2)}\n"
