"""The development authority: what it issues verifies as a TLS library verifies it, and ends when its authority does."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from proxx.runtime.authority import AuthorityError, Pair, Wanted, issue, new_authority
from proxx.runtime.certificate_facts import facts_in

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority():
    return new_authority(name="Site", days=365, now=NOW)


def made(authority, **wanted):
    return issue(authority=authority, wanted=Wanted(name="it", **wanted), now=NOW)


def certificate(pair):
    return x509.load_pem_x509_certificate(pair.certificate)


def policy(authority, moment):
    return PolicyBuilder().store(Store([certificate(authority)])).time(moment)


def test_a_servers_certificate_verifies_for_its_hosts(authority):
    pair = made(authority, hosts=("farm.example", "10.0.0.7", "::1"))
    verifier = policy(authority, NOW).build_server_verifier(x509.DNSName("farm.example"))
    assert verifier.verify(certificate(pair), []) == [certificate(pair), certificate(authority)]
    assert facts_in(pair.certificate)[0].hosts == ("farm.example", "10.0.0.7", "::1")


def test_a_clients_certificate_verifies_and_is_none_of_a_server(authority):
    pair = made(authority, client=True, spiffe="spiffe://site/mam")
    verified = policy(authority, NOW).build_client_verifier().verify(certificate(pair), [])
    assert [name.value for name in verified.subjects or ()] == ["spiffe://site/mam"]
    with pytest.raises(VerificationError):
        policy(authority, NOW).build_server_verifier(x509.DNSName("it")).verify(certificate(pair), [])


@pytest.mark.parametrize("moment", [NOW - timedelta(minutes=6), NOW + timedelta(days=91)], ids=["before", "after"])
def test_a_certificate_is_valid_for_its_days_and_a_little_before(authority, moment):
    pair = made(authority, client=True, spiffe="spiffe://site/mam", days=90)
    with pytest.raises(VerificationError):
        policy(authority, moment).build_client_verifier().verify(certificate(pair), [])
    assert policy(authority, NOW - timedelta(minutes=4)).build_client_verifier().verify(certificate(pair), [])


def test_facts_are_those_that_the_access_file_names(authority):
    pair = made(authority, hosts=("farm",), client=True, spiffe="spiffe://site/mam", days=30)
    (facts,) = facts_in(pair.certificate)
    assert facts.access_names == ("spiffe://site/mam", "dns:farm", "cn:it")
    assert (facts.uses, facts.issuer) == (("server", "client"), "CN=Site")
    assert (facts.valid_from, facts.valid_until) == (NOW - timedelta(minutes=5), NOW + timedelta(days=30))
    assert (len(facts.sha256), int(facts.serial, 16)) == (64, certificate(pair).serial_number)


def test_no_two_certificates_share_a_key_or_a_number(authority):
    first, second = made(authority, client=True), made(authority, client=True)
    assert certificate(first).public_key() != certificate(second).public_key()
    assert certificate(first).serial_number != certificate(second).serial_number


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({}, "it: a certificate is for a server (its hosts), a client, or both"),
        (
            {"client": True, "days": 366},
            "it: would be valid until 2027-11-21, but its authority is valid until 2027-11-20",
        ),
        ({"hosts": ("fårm",)}, "'fårm': is neither an address nor a DNS name in ASCII"),
        (
            {"client": True, "spiffe": "http://x/y"},
            "'http://x/y': a SPIFFE name is spiffe://TRUST-DOMAIN/PATH in ASCII",
        ),
        (
            {"client": True, "spiffe": "spiffe://site"},
            "'spiffe://site': a SPIFFE name is spiffe://TRUST-DOMAIN/PATH in ASCII",
        ),
    ],
    ids=["for nothing", "longer than its authority", "no host name", "no SPIFFE name", "a SPIFFE name without a path"],
)
def test_what_cannot_be_issued_is_refused_with_the_rule(authority, wanted, sentence):
    with pytest.raises(AuthorityError) as refused:
        made(authority, **wanted)
    assert str(refused.value) == sentence


def test_files_that_are_no_authority_are_refused(authority):
    other = new_authority(name="Other", days=1, now=NOW)
    for pair in (Pair(certificate=authority.certificate, key=other.key), Pair(certificate=b"", key=authority.key)):
        with pytest.raises(AuthorityError):
            made(pair, client=True)
