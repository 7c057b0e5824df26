"""The work behind `proxx tokens` and `proxx access`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.core.access.access_edit import NewToken, with_token, without_tokens
from proxx.core.access.access_reader import AccessFileError, read_access
from proxx.core.access.access_table import AccessTable
from proxx.core.access.role import Role
from proxx.runtime.access_files import change_file, new_token
from proxx.runtime.private_file import write_private_file

_SPAN = re.compile(r"([1-9][0-9]{0,4})([dh])")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A new token: the text itself, its public id and its end."""

    token: str
    id: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedToken:
    """A token of the file."""

    identity: str
    id: str
    roles: tuple[str, ...]
    expires: datetime
    expired: bool
    days_left: int


def create_token(
    *,
    access: Path,
    name: str,
    roles: Sequence[str],
    executors: Sequence[str],
    expires: str,
    key: str,
    out: Path | None,
) -> MadeToken:
    """Add a token to the access file, and write it to `out` first, if given.

    Raises:
        CommandError: the file breaks rules or cannot be changed, or `out` exists.
    """
    now = datetime.now(UTC)
    end = read_end(expires, now=now)
    token, digest = new_token()
    chosen = ""

    def change(text: str) -> str:
        nonlocal chosen
        chosen = key or _free_id(text, str(access), name=name, today=f"{now:%Y-%m-%d}")
        return with_token(
            text=text,
            origin=str(access),
            name=name,
            roles=tuple(Role(role) for role in roles),
            executors=executors,
            token=NewToken(id=chosen, sha256=digest, expires=end),
        )

    if out is not None:
        try:
            write_private_file(path=out, content=f"{token}\n".encode("ascii"))
        except FileExistsError as error:
            raise CommandError(f"--out {out}: is there; nothing is overwritten", exit_code=ExitCode.USAGE) from error
        except OSError as error:
            raise CommandError(f"--out {out}: {error.strerror}", exit_code=ExitCode.SYSTEM) from error
    try:
        _change(access, change)
    except CommandError:
        if out is not None:
            out.unlink(missing_ok=True)  # nobody would take it
        raise
    return MadeToken(token=token, id=chosen, expires=end)


def listed(access: Path) -> tuple[ListedToken, ...]:
    """Return every token of the file, by identity.

    Raises:
        CommandError: the file cannot be read or breaks rules.
    """
    return _tokens(read_table(access))


def revoke_tokens(*, access: Path, name: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Take tokens of an identity out of the file, all of them without ids; return the ids.

    Raises:
        CommandError: there is no such token, or the file cannot be changed.
    """
    held = tuple(item.id for item in listed(access) if item.identity == name)
    gone = tuple(dict.fromkeys(ids)) or held
    if not gone:
        raise CommandError(f"{access}: {name} has no tokens", exit_code=ExitCode.VALIDATION)
    tokens = [(name, key) for key in gone]
    _change(access, lambda text: without_tokens(text=text, origin=str(access), tokens=tokens))
    return gone


def prune_tokens(access: Path) -> tuple[ListedToken, ...]:
    """Take every expired token out of the file; return them.

    Raises:
        CommandError: the file cannot be read or changed.
    """
    gone = tuple(item for item in listed(access) if item.expired)
    if gone:
        tokens = [(item.identity, item.id) for item in gone]
        _change(access, lambda text: without_tokens(text=text, origin=str(access), tokens=tokens))
    return gone


def read_table(access: Path) -> AccessTable:
    """Return what an access file says.

    Raises:
        CommandError: it cannot be read, or breaks rules; every one is a line.
    """
    try:
        return read_access(text=access.read_text(encoding="utf-8"), origin=str(access))
    except AccessFileError as error:
        raise CommandError(*error.problems, exit_code=ExitCode.VALIDATION) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{access}: is no UTF-8: {error.reason}", exit_code=ExitCode.VALIDATION) from error
    except OSError as error:
        raise CommandError(f"{access}: {error.strerror}", exit_code=ExitCode.SYSTEM) from error


def read_end(text: str, *, now: datetime) -> datetime:
    """Return the end that `90d`, `12h`, a date or a time with an offset means.

    Raises:
        click.UsageError: it is none of them, or is past.
    """
    span = _SPAN.fullmatch(text)
    if span:
        return now + (timedelta(days=int(span[1])) if span[2] == "d" else timedelta(hours=int(span[1])))
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"--expires {text}: expected days (90d), hours (12h), a date or a time with an offset"
        ) from None
    end = end.replace(tzinfo=UTC) if end.tzinfo is None else end
    if end <= now:
        raise click.UsageError(f"--expires {text}: is past")
    return end


def _change(access: Path, change: Callable[[str], str]) -> None:
    try:
        change_file(access, change)
    except AccessFileError as error:
        raise CommandError(*error.problems, exit_code=ExitCode.VALIDATION) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{access}: is no UTF-8: {error.reason}", exit_code=ExitCode.VALIDATION) from error
    except OSError as error:
        raise CommandError(f"{access}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error


def _tokens(table: AccessTable) -> tuple[ListedToken, ...]:
    now = datetime.now(UTC)
    found = (
        ListedToken(
            identity=entry.name,
            id=token.id,
            roles=tuple(sorted(role.value for role in entry.roles)),
            expires=token.expires.astimezone(UTC),
            expired=token.expires <= now,
            days_left=max(0, (token.expires - now).days),
        )
        for entry, token in table.tokens.values()
    )
    return tuple(sorted(found, key=lambda item: (item.identity, item.expires, item.id)))


def _free_id(text: str, origin: str, *, name: str, today: str) -> str:
    if not text.strip():
        return today
    tokens = read_access(text=text, origin=origin).tokens.values()
    taken = {token.id for entry, token in tokens if entry.name == name}
    names = [today, *(f"{today}-{number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in names if candidate not in taken)
