"""Addresses to listen on and to dial: `host:port`, `[v6]:port` or `unix:/path`."""

import ipaddress
import socket
import stat
import sys
from pathlib import Path

_UNIX = "unix:"
_UNIX_PATH_BYTES = 107


class AddressError(ValueError):
    """An address cannot be listened on or dialled. The text names the address and the rule."""


def check_address(address: str) -> None:
    """Refuse what is neither `host:port` nor `unix:/absolute/path`.

    Raises:
        AddressError: with the rule that the address breaks.
    """
    path = unix_path(address)
    if path is not None:
        if not path.is_absolute():
            raise AddressError(f"{address!r}: a unix address needs an absolute path, unix:/path")
        if len(str(path).encode("utf-8", "surrogateescape")) > _UNIX_PATH_BYTES:
            raise AddressError(f"{address!r}: the path of a unix socket is at most {_UNIX_PATH_BYTES} bytes long")
        return
    host, colon, port = address.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise AddressError(f"{address!r}: expected host:port (port 0 to 65535) or unix:/path")


def unix_path(address: str) -> Path | None:
    """Return the path of a unix address, None for any other."""
    return Path(address.removeprefix(_UNIX)) if address.startswith(_UNIX) else None


def is_local(address: str) -> bool:
    """Return whether only this host can reach the address: a unix socket, `localhost` or a loopback number."""
    if unix_path(address) is not None:
        return True
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name: it may resolve to anything


def is_wildcard(address: str) -> bool:
    """Return whether the address stands for every interface of this host, so that nobody can dial it from another."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return unix_path(address) is None and ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False  # a name


def refuse_taken_socket(path: Path) -> None:
    """Refuse a unix path that a live server answers on, or that is no socket. gRPC itself would unlink it silently.

    Raises:
        AddressError: the path is taken.
    """
    if sys.platform == "win32":
        raise AddressError(f"unix:{path}: Windows has no unix sockets that gRPC knows; listen on 127.0.0.1")
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise AddressError(f"unix:{path}: something that is not a socket stands there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return  # left over by a server that died
        except OSError as error:
            raise AddressError(f"unix:{path}: cannot tell whether a server listens there: {error}") from error
    raise AddressError(f"unix:{path}: another server listens there")
