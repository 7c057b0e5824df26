from datetime import UTC, datetime

import pytest

from proxx.core.access import AccessFileError, AccessTable, Entry, Role, Token, read_access

DIGEST = "ab" * 32
OTHER = "cd" * 32
EXPIRES = datetime(2027, 5, 1, tzinfo=UTC)
WHOLE = f"""
[[identity]]
name = "mam-west"
roles = ["submitter"]
certificate = "spiffe://site/mam"
[[identity.token]]
id = "2026-11"
sha256 = "{DIGEST}"
expires = 2027-05-01T02:00:00+02:00
[[identity.token]]
id = "2027-01"
sha256 = "{OTHER}"
expires = 2027-05-01T00:00:00Z

[[identity]]
name = "farm"
roles = ["executor"]
certificate = "dns:Farm.Example"
executors = ["ffmpeg-*"]

[[revoked]]
sha256 = "{":".join(["AB"] * 32)}"
[[revoked]]
serial = "00:0A:ff"
"""


def one(**keys):
    """Return a file with one identity; a key that is None is left out."""
    keys = {"name": '"ann"', "roles": '["viewer"]'} | keys
    return "[[identity]]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items() if value is not None) + "\n"


def token(**keys):
    keys = {"id": '"a"', "sha256": f'"{DIGEST}"', "expires": "2027-05-01T00:00:00Z"} | keys
    return (
        one()
        + "[[identity.token]]\n"
        + "\n".join(f"{key} = {value}" for key, value in keys.items() if value is not None)
    )


def test_whole_file_is_read():
    mam = Entry(name="mam-west", roles=frozenset({Role.SUBMITTER}), certificate="spiffe://site/mam")
    farm = Entry(name="farm", roles=frozenset({Role.EXECUTOR}), certificate="dns:farm.example", executors=("ffmpeg-*",))
    assert read_access(text=WHOLE, origin="access.toml") == AccessTable(
        entries=(mam, farm),
        tokens={
            DIGEST: (mam, Token(id="2026-11", expires=EXPIRES)),
            OTHER: (mam, Token(id="2027-01", expires=EXPIRES)),
        },
        certificates={"spiffe://site/mam": mam, "dns:farm.example": farm},
        revoked_sha256=frozenset({DIGEST}),
        revoked_serials=frozenset({"aff"}),
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("", ["identity: required key is missing"], id="nothing"),
        pytest.param("identity = []", ["identity: must not be empty: nobody could call"], id="nobody"),
        pytest.param("identity = 3", ["identity: expected a list of tables, got the number 3"], id="no tables"),
        pytest.param(one() + "[tls]\n", ["tls: unknown key"], id="unknown table"),
        pytest.param(one(colour='"red"'), ["identity[0]: colour: unknown key"], id="unknown key"),
        pytest.param(one(name=None), ["identity[0]: name: required key is missing"], id="no name"),
        pytest.param(
            one(name='"a/b"'),
            ["identity[0]: name: must not hold '/', which ends names in the audit; got \"a/b\""],
            id="name with a slash",
        ),
        pytest.param(
            one(name='"a\\u0007"'),
            ['identity[0]: name: expected 1 to 100 printable characters without spaces around them, got "a\\u0007"'],
            id="name with a bell",
        ),
        pytest.param(one() + one(), ['identity[1]: name: "ann" names another identity, too'], id="name twice"),
        pytest.param(one(roles="[]"), ["identity[0]: roles: must not be empty"], id="no role"),
        pytest.param(
            one(roles='["king"]'),
            ['identity[0]: roles: expected words of viewer, submitter, operator, executor, replica, got "king"'],
            id="unknown role",
        ),
        pytest.param(
            one(roles='["replica", "viewer"]'),
            ["identity[0]: roles: replica stands alone: a scheduler that passes calls on makes none"],
            id="replica with another role",
        ),
        pytest.param(
            one(certificate='"mam"'),
            ['identity[0]: certificate: expected spiffe://DOMAIN/PATH, dns:NAME or cn:NAME, got "mam"'],
            id="certificate without a kind",
        ),
        pytest.param(
            one(certificate='"dns:a"') + one(name='"bob"', certificate='"dns:A"'),
            ['identity[1]: certificate: "dns:A" is of another identity, too'],
            id="certificate twice",
        ),
        pytest.param(
            one(executors='["f"]'), ["identity[0]: executors: goes with the role executor only"], id="executors of none"
        ),
        pytest.param(
            one(roles='["executor"]', executors="[]"),
            ["identity[0]: executors: must not be empty; without the key any name is allowed that is free"],
            id="no executors",
        ),
        pytest.param(
            token(sha256='"proxx_secret"'),
            ["identity[0]: token[0]: sha256: expected 64 lower-case hexadecimal digits, got 12 characters"],
            id="token itself in place of its digest",
        ),
        pytest.param(
            token(expires="2027-05-01T00:00:00"),
            [
                "identity[0]: token[0]: expires: expected a time with an offset, for example 2027-05-01T00:00:00Z, "
                "got a time without an offset"
            ],
            id="time without an offset",
        ),
        pytest.param(
            token(expires=None), ["identity[0]: token[0]: expires: required key is missing"], id="token without an end"
        ),
        pytest.param(
            token() + f'\n[[identity.token]]\nid = "a"\nsha256 = "{DIGEST}"\nexpires = 2027-05-01T00:00:00Z\n',
            [
                'identity[0]: token[1]: id: "a" names another token of the identity, too',
                "identity[0]: token[1]: sha256: stands for another token, too",
            ],
            id="token twice",
        ),
        pytest.param(
            one() + "[[revoked]]\n", ["revoked[0]: sha256, serial: exactly one of them is needed"], id="revokes nothing"
        ),
        pytest.param(
            one() + '[[revoked]]\nserial = "xyz"\n',
            ['revoked[0]: serial: expected 1 to 64 hexadecimal digits, got "xyz"'],
            id="serial that is none",
        ),
    ],
)
def test_mistakes_are_named_with_their_place(text, problems):
    with pytest.raises(AccessFileError) as caught:
        read_access(text=text, origin="access.toml")
    assert list(caught.value.problems) == [f"access.toml: {problem}" for problem in problems]


def test_all_mistakes_are_named_at_once():
    with pytest.raises(AccessFileError) as caught:
        read_access(text=one(roles="[]", colour="1") + "[[revoked]]\n", origin="f")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("text", ["[[identity", f"number = {'9' * 5000}"], ids=["half a table", "endless number"])
def test_what_is_no_toml_is_said(text):
    with pytest.raises(AccessFileError, match=r"^f: not TOML: "):
        read_access(text=text, origin="f")
