"""What a certificate says, for people and for the access file."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_USES = {ExtendedKeyUsageOID.SERVER_AUTH: "server", ExtendedKeyUsageOID.CLIENT_AUTH: "client"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """One certificate. `access_names` are the ways to write it as `certificate` of an identity in the access file.

    `serial` and `sha256` (of the DER form) are hexadecimal, as the access file revokes by them.
    """

    subject: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    uses: tuple[str, ...]
    hosts: tuple[str, ...]
    access_names: tuple[str, ...]
    serial: str
    sha256: str


def facts_in(content: bytes) -> tuple[CertificateFacts, ...]:
    """Return the facts of every certificate of a PEM file, in its order.

    Raises:
        ValueError: it holds none.
    """
    return tuple(_facts(certificate) for certificate in x509.load_pem_x509_certificates(content))


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    extensions = certificate.extensions
    names = x509.SubjectAlternativeName([])
    uses: tuple[str, ...] = ()
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = extension.value
        elif isinstance(extension.value, x509.ExtendedKeyUsage):
            uses += tuple(_USES.get(use, use.dotted_string) for use in extension.value)
        elif isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            uses += ("authority",)
    dns = names.get_values_for_type(x509.DNSName)
    uris = [uri for uri in names.get_values_for_type(x509.UniformResourceIdentifier) if uri.startswith("spiffe://")]
    common = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        uses=uses,
        hosts=(*dns, *(str(address) for address in names.get_values_for_type(x509.IPAddress))),
        access_names=(*uris, *(f"dns:{name}" for name in dns), *(f"cn:{name}" for name in common)),
        serial=f"{certificate.serial_number:x}",
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
    )
