"""Lists and tables of others: checksum lists, settings of media folders, rules and addresses of a scheduler."""

import contextlib
import tomllib

from proxx.core.canonical import canonical_json
from proxx.core.client_path import ClientPathError, client_name, pure_path, read_client_path
from proxx.core.roots import Root, RootTable, UnmappedPathError
from proxx.rpc.address import check_address
from proxx_scheduler.database_address import DatabaseAddressError, database_address
from proxx_scheduler.rules_text import read_rules
from proxx_watcher.domain.checksum_list import (
    ChecksumListError,
    is_checksum_list,
    list_entry_path,
    read_checksum_list,
)
from proxx_watcher.domain.media_settings import MediaSettingsError, read_media_settings
from tests.fuzzing.parsers.target import Form, Target, hold, text_of
from tests.unit.watcher import test_checksum_list as checksums

_NAMES = ("card.mhl", "ascmhl/0001.mhl", "a.md5", "a.sha256", "a.xxh128", "md5sums", "clip.mov")
_SETTINGS = b"""[readiness]
require = ["size"]
quiet_seconds = 5
[select]
include = ["*.mov", "**/*.mxf"]
"""


def _checksums(data: bytes) -> None:
    """Read a list; the first byte picks its name."""
    if not data:
        return
    name = _NAMES[data[0] % len(_NAMES)]
    is_checksum_list(name=name)
    try:
        listed = read_checksum_list(name=name, text=data[1:])
    except ChecksumListError as error:
        str(error)
        return
    for entry in listed:
        path = list_entry_path(source=name, written=entry.path)
        hold(not path.startswith("/") and ".." not in path.split("/"), f"a list names {path!r}, outside of its folder")


def _checksum_seeds() -> tuple[bytes, ...]:
    digest = b"d41d8cd98f00b204e9800998ecf8427e"
    return (
        b"\0" + checksums.MHL_1,
        b"\x01" + checksums.ASC_MHL_2,
        b"\x02" + digest + b"  a/b.mov\n\\" + digest + b" *c\\nd\n",
        b"\x03MD5 (a.mov) = " + digest + b"\n# note\n",
    )


def _media_settings(data: bytes) -> None:
    try:
        table = tomllib.loads(text_of(data))
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    with contextlib.suppress(MediaSettingsError):
        read_media_settings(table=table)


def _addresses(data: bytes) -> None:
    """Read lines as rules and addresses; a password never comes back."""
    for line in text_of(data).split("\n")[:20]:
        with contextlib.suppress(ValueError):
            check_address(line)
        for rules in (((line,), (), ()), ((), (line,), ()), ((), (), (line,))):
            with contextlib.suppress(ValueError):
                read_rules(queues=rules[0], resources=rules[1], budgets=rules[2])
        for address in (line, f"postgresql://user:{_SECRET}@{line}", f"postgresql://u:{_SECRET}/{line}@h/n"):
            try:
                said = str(database_address(address))
            except DatabaseAddressError as error:
                said = str(error)
            hold(_SECRET not in said, f"a password is shown: {said!r}")
        canonical_json(line)


def _paths(data: bytes) -> None:
    """Read lines as paths of clients of every kind, each under roots that are spelt in every kind."""
    for line in text_of(data).split("\n")[:50]:
        with contextlib.suppress(ClientPathError):
            path = read_client_path(line)
            hold(not {"", ".", ".."} & set(path.parts), f"{line!r} was taken with a part that leads elsewhere")
        client_name(line)
        pure_path(line)
        try:
            found = _ROOTS.resolve(line)
        except UnmappedPathError:
            continue
        hold(not found.path.startswith("/") and ".." not in found.path.split("/"), f"{line!r} leads out of its root")
        hold(_ROOTS.resolve(_ROOTS.spell(found)).root == found.root, f"{line!r} spelt anew is of another root")


_ROOTS = RootTable(
    (
        Root(name="media", spelling="/mnt/media"),
        Root(name="media", spelling="M:\\"),
        Root(name="media", spelling="\\\\nas\\media"),
        Root(name="proxies", spelling="/mnt/proxies"),
    )
)
_SECRET = "hunter2pass"

TARGETS = (
    Target(
        name="checksums",
        look=_checksums,
        seeds=_checksum_seeds,
        form=Form.TEXT,
        words=("<hash>", "</hash>", "<path", "<file>", "<!DOCTYPE", "<!ENTITY", "&amp;", "../", "<md5>", "&#0;"),
    ),
    Target(name="media-settings", look=_media_settings, seeds=lambda: (_SETTINGS,), form=Form.TEXT, words=("[[", "*")),
    Target(
        name="paths",
        look=_paths,
        seeds=lambda: (
            b"/mnt/media/A001/x.mov\nM:\\A001\\x.mov\n\\\\nas\\media\\a\nm:/a/b\n//nas/media/x\n/mnt/mediaX/../x",
        ),
        form=Form.TEXT,
        words=("..", "\\\\?\\", "\\\\.\\", "NAS", "con", "aux.mov", "::$DATA", "~1", "\u2215", "\uff0f", "m:"),
        longest=2048,
    ),
    Target(
        name="addresses",
        look=_addresses,
        seeds=lambda: (b"high=4:2\nresolve=1:resolve\nlocal=10GB\nhost.example:7600\n[::1]:5432/name?host=a&dbname=b",),
        form=Form.TEXT,
        words=("@", "?dbname=", "://", "[::1]", "unix:", "%40"),
        longest=1024,
    ),
)
