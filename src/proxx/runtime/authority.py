"""A small certificate authority: EC keys on P-256, certificates as RFC 5280 wants them.

It is for development and small sites. It keeps no list of what it issued and answers no question about revocation; the
access file revokes.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EARLIER = timedelta(minutes=5)
"""A certificate is valid from a little before it was made: clocks of other hosts may be behind."""


class AuthorityError(ValueError):
    """A certificate cannot be made so. The text names the fact and the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its private key, both PEM. The key has no password."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a certificate is for. `hosts` are DNS names or addresses of a server, `client` says that it is shown to one.

    `spiffe` is a URI like `spiffe://site/mam`, "" for none. `days` is how long it is valid.
    """

    name: str
    hosts: Sequence[str] = ()
    client: bool = False
    spiffe: str = ""
    days: int = 90


def new_authority(*, name: str, days: int, now: datetime) -> Pair:
    """Return a new authority that may sign certificates, but no other authorities."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(name)
    built = (
        _builder(subject=subject, issuer=subject, key=key.public_key(), now=now, until=now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return _pair(built.sign(key, hashes.SHA256()), key)


def issue(*, authority: Pair, wanted: Wanted, now: datetime) -> Pair:
    """Return a new certificate with a new key, signed by the authority.

    Raises:
        AuthorityError: it is for nothing, its name cannot stand in a certificate, or it would outlive its authority.
    """
    if not wanted.hosts and not wanted.client:
        raise AuthorityError(f"{wanted.name}: a certificate is for a server (its hosts), a client, or both")
    signer, signer_key = _load(authority)
    until = now + timedelta(days=wanted.days)
    if until > signer.not_valid_after_utc:
        raise AuthorityError(
            f"{wanted.name}: would be valid until {until:%Y-%m-%d}, "
            f"but its authority is valid until {signer.not_valid_after_utc:%Y-%m-%d}"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    uses = [ExtendedKeyUsageOID.SERVER_AUTH] if wanted.hosts else []
    uses += [ExtendedKeyUsageOID.CLIENT_AUTH] if wanted.client else []
    names = [_host(host) for host in wanted.hosts] + ([_uri(wanted.spiffe)] if wanted.spiffe else [])
    built = (
        _builder(subject=_subject(wanted.name), issuer=signer.subject, key=key.public_key(), now=now, until=until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
    )
    if names:
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _pair(built.sign(signer_key, hashes.SHA256()), key)


def _load(authority: Pair) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(authority.certificate)
        key = load_pem_private_key(authority.key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: the key has a password
        raise AuthorityError(f"the authority's files are not a certificate and its key in PEM form: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityError("the authority's key is not the EC key of its certificate")
    return certificate, key


def _subject(name: str) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    except ValueError as error:
        raise AuthorityError(f"the name of a certificate has 1 to 64 characters: {error}") from error


def _builder(
    *, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise AuthorityError(f"{host!r}: is neither an address nor a DNS name in ASCII") from error


def _uri(uri: str) -> x509.GeneralName:
    trust_domain, slash, path = uri.removeprefix("spiffe://").partition("/")
    if not uri.startswith("spiffe://") or not trust_domain or not slash or not path or not uri.isascii():
        raise AuthorityError(f"{uri!r}: a SPIFFE name is spiffe://TRUST-DOMAIN/PATH in ASCII")
    return x509.UniformResourceIdentifier(uri)


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate=certificate.public_bytes(Encoding.PEM),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
