from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from proxx.core.access import AccessRefusal, Identity, PeerCertificate, Role, authenticate, bearer_token, read_access

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
TABLE = read_access(
    text=f"""
[[identity]]
name = "mam"
roles = ["submitter"]
certificate = "cn:mam"
[[identity.token]]
id = "t"
sha256 = "{sha256(b"secret").hexdigest()}"
expires = 2026-11-20T00:00:00Z
""",
    origin="access.toml",
)
CERTIFICATE = PeerCertificate(
    names=("dns:unknown", "cn:mam"), sha256="ab" * 32, serial="1", not_before=NOW - DAY, not_after=NOW + DAY
)


def reason_at(now, *, token=None, certificate=None):
    found = authenticate(table=TABLE, token=token, certificate=certificate, now=now)
    return found.reason.value if isinstance(found, AccessRefusal) else found.name


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(NOW - timedelta(microseconds=1), "mam", id="just before its end"),
        pytest.param(NOW, "TOKEN_EXPIRED", id="at its end"),
    ],
)
def test_token_is_valid_until_its_end(now, expected):
    assert reason_at(now, token="secret") == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(NOW - DAY - timedelta(seconds=1), "CERTIFICATE_EXPIRED", id="before its begin"),
        pytest.param(NOW - DAY, "mam", id="at its begin"),
        pytest.param(NOW + DAY, "mam", id="at its end"),
        pytest.param(NOW + DAY + timedelta(seconds=1), "CERTIFICATE_EXPIRED", id="after its end"),
    ],
)
def test_certificate_is_valid_between_its_times(now, expected):
    assert reason_at(now, certificate=CERTIFICATE) == expected


def test_second_name_of_a_certificate_counts_when_the_first_is_unknown():
    found = authenticate(table=TABLE, token=None, certificate=CERTIFICATE, now=NOW)
    assert found == Identity(name="mam", roles=frozenset({Role.SUBMITTER}), how="certificate")


def test_text_that_is_no_unicode_is_an_unknown_token():
    assert reason_at(NOW, token="\udcff") == "TOKEN_UNKNOWN"


@pytest.mark.parametrize(
    ("value", "token"),
    [
        pytest.param("Bearer abc", "abc", id="as the standard has it"),
        pytest.param("bearer  abc ", "abc", id="lower case and spaces"),
        pytest.param("Basic abc", "", id="another scheme"),
        pytest.param("Bearer", "", id="no token"),
    ],
)
def test_bearer_scheme_is_read(value, token):
    assert bearer_token(value) == token
