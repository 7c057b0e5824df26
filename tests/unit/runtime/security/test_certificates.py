"""What counts of a client's certificate."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from proxx.runtime.certificate_facts import facts_in
from proxx.runtime.security.certificates import from_pem

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def pem(*names: x509.GeneralName) -> bytes:
    """Return a certificate with the subject name `it` and these alternative ones."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "it")])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    return (
        builder.add_extension(x509.SubjectAlternativeName(names), False).sign(key, SHA256()).public_bytes(Encoding.PEM)
    )


def test_no_uri_passes_for_a_name_of_another_kind() -> None:
    uris = ("cn:olga", "dns:farm", "https://site/mam", "spiffe://site/mam")
    shown = pem(*map(x509.UniformResourceIdentifier, uris), x509.DNSName("Host"))
    assert from_pem(shown).names == ("spiffe://site/mam", "dns:host", "cn:it")
    assert facts_in(shown)[0].access_names == ("spiffe://site/mam", "dns:Host", "cn:it")
