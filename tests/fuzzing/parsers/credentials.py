"""Who calls: the access file, the metadata that carries a token, and what one replica tells another."""

from datetime import UTC, datetime

from proxx.core.access import Identity, Role
from proxx.core.access.access_reader import AccessFileError, read_access
from proxx.core.access.authentication import authenticate, bearer_token
from proxx.core.access.forwarded import forwarded_identity, forwarded_of
from tests.fuzzing.parsers.target import Form, Target, hold, text_of

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_REPLICA = Identity(name="scheduler-2", roles=frozenset({Role.REPLICA}), how="certificate")
_CALLER = Identity(name="mam", roles=frozenset({Role.SUBMITTER}), how="token", executors=("ffmpeg-*",), expires=_NOW)
_FILE = f"""[[identity]]
name = "mam-west"
roles = ["submitter", "executor"]
certificate = "spiffe://site/mam"
executors = ["ffmpeg-*"]
[[identity.token]]
id = "2026-11"
sha256 = "{"a" * 64}"
expires = 2027-05-01T00:00:00Z
[[revoked]]
serial = "0a"
[[revoked]]
sha256 = "{"b" * 64}"
"""


def _access(data: bytes) -> None:
    text = text_of(data)
    try:
        table = read_access(text=text, origin="access.toml")
    except AccessFileError as error:
        hold(bool(error.problems), "a refusal without a problem")
    else:
        authenticate(table=table, token=text[:100], certificate=None, now=_NOW)


def _metadata(data: bytes) -> None:
    """Read the value of `authorization`, and as what a replica says of a caller."""
    value = text_of(data)
    table = read_access(text=_FILE, origin="access.toml")
    token = bearer_token(value)
    found = authenticate(table=table, token=token, certificate=None, now=_NOW)
    hold(not isinstance(found, Identity), "a token that nobody has was taken")
    hold(not token or len(token) < 8 or token not in str(found), "a refusal repeats the token")
    passed = forwarded_identity(value=value, replica=_REPLICA)
    if isinstance(passed, Identity):
        hold(Role.REPLICA not in passed.roles, "a replica made a replica")
        hold(forwarded_identity(value=forwarded_of(passed), replica=_REPLICA) == passed, "passed on, it is another one")


TARGETS = (
    Target(
        name="access",
        look=_access,
        seeds=lambda: (_FILE.encode(),),
        form=Form.TEXT,
        words=(
            "[[",
            "]]",
            "viewer",
            "operator",
            "replica",
            "dns:",
            "cn:",
            "spiffe://",
            "a" * 64,
            "2027-05-01T00:00:00",
        ),
    ),
    Target(
        name="call-metadata",
        look=_metadata,
        seeds=lambda: (f"Bearer proxx_{'A' * 43}".encode(), forwarded_of(_CALLER).encode()),
        form=Form.JSON,
    ),
)
