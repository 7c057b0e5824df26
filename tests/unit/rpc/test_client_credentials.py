"""A client's files: refused by name when they cannot be used, taken anew when they change."""

import os

import pytest

from proxx.rpc.client_credentials import LOOK_SECONDS, ClientCredentials, system_authorities
from proxx.rpc.client_security import ClientFilesError, ClientSecurity
from tests.fakes.site import Site

TARGET = "127.0.0.1:7600"


class Moments:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def site(tmp_path):
    made = Site.at(tmp_path)
    made.issue("me", client=True)
    made.token("token")
    return made


@pytest.fixture
def moments():
    return Moments()


def credentials(site, moments, **options):
    return ClientCredentials(site.security("me", token="token", **options), target=TARGET, monotonic=moments)


def test_files_that_stay_as_they_are_give_nothing_new(site, moments):
    held = credentials(site, moments)
    moments.now += LOOK_SECONDS
    assert held.renewed() is False


def test_a_changed_certificate_gives_new_credentials_once(site, moments):
    held = credentials(site, moments)
    site.issue("me", client=True)
    moments.now += LOOK_SECONDS
    assert held.renewed() is True
    held.for_channel()
    assert held.renewed() is False


def test_files_are_looked_at_once_a_second(site, moments):
    held = credentials(site, moments)
    site.issue("me", client=True)
    moments.now += LOOK_SECONDS * 0.9
    assert held.renewed() is False
    moments.now += LOOK_SECONDS * 0.2
    assert held.renewed() is True


def test_a_changed_authority_gives_new_credentials(site, moments, tmp_path):
    held = credentials(site, moments)
    other = Site.at(tmp_path / "other")
    site.path("ca.crt").write_bytes(other.authority.certificate)
    moments.now += LOOK_SECONDS
    assert held.renewed() is True


def test_a_half_changed_pair_is_not_taken_until_it_is_whole(site, moments):
    held = credentials(site, moments)
    old = site.path("me.crt").read_bytes()
    site.issue("me", client=True)
    new = site.path("me.crt").read_bytes()
    site.path("me.crt").write_bytes(old)
    moments.now += LOOK_SECONDS
    assert held.renewed() is False
    site.path("me.crt").write_bytes(new)
    moments.now += LOOK_SECONDS
    assert held.renewed() is True


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\n"], ids=["empty", "cut"])
def test_a_broken_file_leaves_the_last_good_one_in_force(site, moments, content):
    held = credentials(site, moments)
    site.path("ca.crt").write_bytes(content)
    moments.now += LOOK_SECONDS
    assert held.renewed() is False


def test_a_changed_token_is_sent_without_a_new_channel(site, moments):
    held = credentials(site, moments)
    before = held.token()
    site.token("token")
    moments.now += LOOK_SECONDS
    assert held.token() == site.path("token").read_text(encoding="ascii").strip() != before
    assert held.renewed() is False


def test_a_file_that_changed_but_kept_its_date_and_length_is_taken(site, moments):
    """As one is whose rights are put right after it came, or that was copied with its date."""
    held = credentials(site, moments)
    path = site.path("token")
    before, old = path.stat(), held.token()
    new = old[:-1] + ("a" if old[-1] != "a" else "b")
    path.write_text(f"{new}\n", encoding="ascii")
    while True:  # until the clock of the file system has gone on
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        if path.stat().st_ctime_ns != before.st_ctime_ns:
            break
    after = path.stat()
    assert (after.st_size, after.st_ino, after.st_mtime_ns) == (before.st_size, before.st_ino, before.st_mtime_ns)
    moments.now += LOOK_SECONDS
    assert held.token() == new


@pytest.mark.parametrize("text", ["", "two words\n", None], ids=["empty", "no token", "gone"])
def test_a_broken_token_file_leaves_the_last_good_token_in_force(site, moments, text):
    held = credentials(site, moments)
    before = held.token()
    site.path("token").unlink()
    if text is not None:
        site.path("token").write_text(text, encoding="ascii")
    moments.now += LOOK_SECONDS
    assert held.token() == before


def broken(site, *, file, content):
    if content is None:
        site.path(file).unlink()
    else:
        site.path(file).write_bytes(content)
    with pytest.raises(ClientFilesError) as refused:
        credentials(site, Moments())
    return str(refused.value).replace(str(site.directory), "")


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("ca.crt", None, 'tls-ca: "/ca.crt": No such file or directory'),
        ("me.crt", None, 'tls-client-certificate: "/me.crt": No such file or directory'),
        ("me.key", b"x", 'tls-client-key: "/me.key": holds no private key in PEM form without a password'),
        ("token", None, 'token-file: "/token": No such file or directory'),
        (
            "token",
            b"tw\xff words",
            'token-file: "/token": is no token (9 characters): 1 to 512 letters, digits and . _ ~ + / = - are',
        ),
    ],
    ids=["no authority", "no certificate", "no key in the key file", "no token file", "no token in the file"],
)
def test_a_file_that_cannot_be_used_is_named_at_the_start(site, file, content, sentence):
    assert broken(site, file=file, content=content) == sentence


def test_a_key_of_another_certificate_is_named_at_the_start(site):
    other = site.issue("other", client=True)
    assert broken(site, file="me.key", content=other.key) == (
        'tls-client-key: "/me.key": is not the key of the first certificate in "/me.crt"'
    )


def test_no_file_of_tls_is_read_for_a_unix_socket(tmp_path):
    security = ClientSecurity(tls_ca=str(tmp_path / "absent"), token="t")
    held = ClientCredentials(security, target="unix:/s")
    assert (held.for_channel(), held.token()) == (None, "t")


def test_the_authorities_of_this_machine_are_found_where_its_library_says(monkeypatch, site):
    monkeypatch.setenv("SSL_CERT_FILE", str(site.path("ca.crt")))
    assert system_authorities() == site.authority.certificate
