"""A site's certificates and access file in a directory, made and replaced as an operator would."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proxx.rpc.client_security import ClientSecurity
from proxx.runtime.access_files import new_token
from proxx.runtime.authority import Pair, Wanted, issue, new_authority


@dataclass(frozen=True, kw_only=True)
class Site:
    """One authority, and the files that stand in `directory`."""

    directory: Path
    authority: Pair

    @classmethod
    def at(cls, directory: Path, *, name: str = "site") -> "Site":
        """Make an authority that is old enough to have issued what has expired since."""
        directory.mkdir(parents=True, exist_ok=True)
        authority = new_authority(name=name, days=400, now=datetime.now(UTC) - timedelta(days=100))
        (directory / "ca.crt").write_bytes(authority.certificate)
        return cls(directory=directory, authority=authority)

    def write(self, name: str, pair: Pair) -> None:
        """Put a certificate and its key in place, each at once."""
        for suffix, content in (("key", pair.key), ("crt", pair.certificate)):
            new = self.directory / f".{name}.{suffix}.new"
            new.write_bytes(content)
            new.replace(self.directory / f"{name}.{suffix}")

    def issue(
        self,
        name: str,
        *,
        hosts: Sequence[str] = (),
        client: bool = False,
        spiffe: str = "",
        days: int = 30,
        ago: int = 0,
    ) -> Pair:
        """Issue a certificate, `ago` days ago, and put it in place of the one before."""
        wanted = Wanted(name=name, hosts=hosts, client=client, spiffe=spiffe, days=days)
        pair = issue(authority=self.authority, wanted=wanted, now=datetime.now(UTC) - timedelta(days=ago))
        self.write(name, pair)
        return pair

    def path(self, name: str) -> Path:
        """Return a file of the site."""
        return self.directory / name

    def security(self, client: str = "", *, token: str = "", authority: str = "ca") -> ClientSecurity:
        """Return a client's options: its certificate's name, its token file's name, "" for none."""
        return ClientSecurity(
            tls_ca=str(self.path(f"{authority}.crt")),
            tls_client_certificate=self.path(f"{client}.crt") if client else None,
            tls_client_key=self.path(f"{client}.key") if client else None,
            token_file=self.path(token) if token else None,
        )

    def token(self, file: str) -> str:
        """Write a new token into a file, and return its sha256."""
        token, digest = new_token()
        self.path(file).write_text(f"{token}\n", encoding="ascii")
        return digest
