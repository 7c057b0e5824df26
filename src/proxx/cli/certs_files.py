"""The files of `proxx certs`."""

import re
from datetime import UTC, datetime
from pathlib import Path

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.runtime.authority import AuthorityError, Pair, Wanted, issue, new_authority
from proxx.runtime.certificate_facts import CertificateFacts, facts_in
from proxx.runtime.private_file import write_private_file

AUTHORITY = "ca"
FOR_EVERYBODY = 0o644
"""The mode of certificates: they are shown to whoever connects. Keys are for their owner only."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def make_authority(*, directory: Path, name: str, days: int, replace: bool) -> Path:
    """Write a new authority and return the path of its certificate.

    Raises:
        CommandError: there is one already, the name cannot stand in a certificate, or the files cannot be written.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{directory}: {error.strerror}", exit_code=ExitCode.SYSTEM) from error
    try:
        pair = new_authority(name=name, days=days, now=datetime.now(UTC))
    except AuthorityError as error:
        raise CommandError(f"--name: {error}", exit_code=ExitCode.USAGE) from error
    return _write(directory, AUTHORITY, pair, replace=replace)[0]


def issue_files(*, authority: Path, out: Path, wanted: Wanted, replace: bool) -> tuple[Path, Path]:
    """Write a new certificate and its key, and return their paths.

    Raises:
        CommandError: the authority cannot be used, the certificate cannot be made so, or its files are there already.
    """
    if not _NAME.fullmatch(wanted.name) or wanted.name == AUTHORITY:
        rule = "1 to 64 letters, digits and . _ - are a name (it becomes the files'), other than ca"
        raise CommandError(f"{wanted.name}: {rule}", exit_code=ExitCode.USAGE)
    signer = Pair(certificate=_read(authority / f"{AUTHORITY}.crt"), key=_read(authority / f"{AUTHORITY}.key"))
    try:
        pair = issue(authority=signer, wanted=wanted, now=datetime.now(UTC))
    except AuthorityError as error:
        raise CommandError(str(error), exit_code=ExitCode.USAGE) from error
    return _write(out, wanted.name, pair, replace=replace)


def read_certificates(path: Path) -> tuple[CertificateFacts, ...]:
    """Return the facts of a file's certificates.

    Raises:
        CommandError: it cannot be read, or holds none.
    """
    try:
        return facts_in(_read(path))
    except ValueError as error:
        raise CommandError(
            f"{path}: holds no certificates in PEM form: {error}", exit_code=ExitCode.VALIDATION
        ) from error


def lines_of(found: tuple[CertificateFacts, ...]) -> list[str]:
    """Return the facts as text, certificates separated by an empty line."""
    lines: list[str] = []
    now = datetime.now(UTC)
    for facts in found:
        rows = (
            ("subject", facts.subject),
            ("issuer", facts.issuer),
            ("valid", f"{facts.valid_from:%Y-%m-%d %H:%M} to {facts.valid_until:%Y-%m-%d %H:%M} UTC"),
            ("", _validity(facts, now)),
            ("for", ", ".join(facts.uses) or "-"),
            ("hosts", ", ".join(facts.hosts)),
            ("access file", ", ".join(facts.access_names)),
            ("serial", facts.serial),
            ("sha256", facts.sha256),
        )
        lines += [""] if lines else []
        lines += [f"{label:12} {text}" for label, text in rows if text]
    return lines


def _validity(facts: CertificateFacts, now: datetime) -> str:
    if now < facts.valid_from:
        return "NOT VALID YET"
    return "EXPIRED" if now > facts.valid_until else f"{(facts.valid_until - now).days} days left"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "; proxx certs init makes an authority" if path.stem == AUTHORITY else ""
        raise CommandError(f"{path}: {error.strerror}{hint}", exit_code=ExitCode.SYSTEM) from error


def _write(directory: Path, name: str, pair: Pair, *, replace: bool) -> tuple[Path, Path]:
    certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
    taken = [path for path in (certificate, key) if path.exists() and not replace]
    if taken:
        lines = (f"{path}: is there; --replace takes its place" for path in taken)
        raise CommandError(*lines, exit_code=ExitCode.USAGE)
    try:
        write_private_file(path=key, content=pair.key, replace=replace)
        write_private_file(path=certificate, content=pair.certificate, replace=replace, mode=FOR_EVERYBODY)
    except OSError as error:
        raise CommandError(f"{directory}: {error.strerror}", exit_code=ExitCode.SYSTEM) from error
    return certificate, key
