"""Reading X.509 certificates (RFC 5280) that TLS has verified."""

from functools import lru_cache
from ssl import PEM_cert_to_DER_cert

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from proxx.core.access import PeerCertificate

_KEPT = 4096


class CertificateUnreadableError(ValueError):
    """TLS took a certificate that cannot be read here."""


@lru_cache(maxsize=_KEPT)
def from_pem(pem: bytes) -> PeerCertificate:
    """Return what counts of a certificate in PEM form. What was read is kept: a caller shows it with every call.

    Raises:
        CertificateUnreadableError: it cannot be read.
    """
    try:
        return from_der(PEM_cert_to_DER_cert(pem.decode("ascii").strip()))
    except ValueError as error:
        raise CertificateUnreadableError(f"the client certificate cannot be read: {error}") from error


@lru_cache(maxsize=_KEPT)
def from_der(der: bytes) -> PeerCertificate:
    """Return what counts of a certificate in DER form.

    Raises:
        CertificateUnreadableError: it cannot be read.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        return PeerCertificate(
            names=tuple(_names(certificate)),
            sha256=certificate.fingerprint(SHA256()).hex(),
            serial=f"{certificate.serial_number:x}",
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise CertificateUnreadableError(f"the client certificate cannot be read: {error}") from error


def _names(certificate: x509.Certificate) -> list[str]:
    """Return the names in the order in which the access file is asked: SPIFFE, DNS, subject.

    No other URI counts: one may read `cn:…` or `dns:…`, and would pass for a name of that kind.
    """
    names: list[str] = []
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        others = None
    if others is not None:
        names += [name for name in others.get_values_for_type(x509.UniformResourceIdentifier) if _is_spiffe(name)]
        names += [f"dns:{name.lower()}" for name in others.get_values_for_type(x509.DNSName)]
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        value = attribute.value
        names.append(f"cn:{value if isinstance(value, str) else value.decode('utf-8', 'backslashreplace')}")
    return names


def _is_spiffe(uri: str) -> bool:
    return uri.startswith("spiffe://")
