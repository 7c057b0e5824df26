"""No token, password or `authorization` of a call stands in a log line, an error, an event, the database, a metric."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import structlog
from prometheus_client import generate_latest

from proxx.runtime.logs import configure_logs
from proxx.runtime.settings import SettingsInvalidError
from proxx_scheduler.bootstrap import main
from proxx_scheduler.settings import read_settings
from tests.contract.secured import METHODS, Caller, Site, _call, secured, token_of

PASSWORD = "hun.ter2"
"""Without any character that an address would have to encode, so that it may stand anywhere."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line that this process logs, debug included, after the fixture that silences the contract."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs(level="debug", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


async def said_of(channel: grpc.aio.Channel, metadata: tuple[tuple[str, str], ...] = ()) -> str:
    """Everything that the server answers to one call of each method, details and metadata included."""
    said = []
    for method in METHODS:
        try:
            await _call(channel, method, metadata)
        except grpc.aio.AioRpcError as error:
            said.append(f"{error!r} {error.details()} {error.debug_error_string()} {error.trailing_metadata()!r}")
    return "\n".join(said)


def contents(directory: Path, pattern: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.glob(pattern)))


async def test_no_token_of_a_call_is_written_anywhere(tmp_path: Path, log: io.StringIO) -> None:
    site = Site(tmp_path)
    good, unknown, expired = token_of("anna"), token_of("a stranger"), token_of("olga of old")
    odd = "proxx_odd-one-with-spaces-and-no-scheme"
    callers = [Caller(who="any", token=token) for token in (good, unknown, expired)]
    async with secured(site, name="secrets") as it:
        said = [await said_of(await it.connect(caller)) for caller in callers]
        nobody = await it.connect(Caller(who="nobody"))
        values = (odd, f"Basic {odd}", f"bearer  {odd}", f"Bearer {good}x")
        said += [await said_of(nobody, (("authorization", value),)) for value in values]
        await it.shell.denials.record()
        metrics = generate_latest(it.shell.registry).decode()
        files = contents(tmp_path, "secrets.db*")
    places = {
        "answers": "\n".join(said),
        "log": log.getvalue(),
        "database": files.decode("latin-1"),
        "metrics": metrics,
    }
    found = {
        (name, token)
        for name, text in places.items()
        for token in (good, unknown, expired, odd)
        if token in text or token[10:30] in text
    }
    assert found == set()
    assert "access.denied" in places["log"]
    assert "TOKEN_EXPIRED" in places["answers"] + places["database"]


ADDRESSES = (
    f"postgresql://u:{PASSWORD}@h",
    f"postgresql://u:{PASSWORD}@x@h/db",
    f"postgresql://u:a/{PASSWORD}@h/db",
    f"postgresql://u:a {PASSWORD}@h",
    f"postgresql://u:a#{PASSWORD}@h/db@",
    f"postgresql://u:{PASSWORD}/",
    f"postgresql://h/?password={PASSWORD}",
    f"postgresql://h/db@x?password={PASSWORD}",
    f"postgres://u:{PASSWORD}@[::1/db",
    f"mysql://u:{PASSWORD}@h/db",
    f"mysql://h/db?password={PASSWORD}",
    f"host=h password={PASSWORD} dbname=x",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("how", ["flag", "environment", "file"])
def test_no_password_of_a_database_address_that_is_refused_is_told(
    address: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--database", address] if how == "flag" else []
    if how == "environment":
        monkeypatch.setenv("PROXX_DATABASE", address)
    if how == "file":
        settings = tmp_path / "scheduler.toml"
        settings.write_text(f"database = '{address}'\n")
        words = ["--config", str(settings)]
    with pytest.raises(SettingsInvalidError) as raised:
        read_settings(words)
    assert PASSWORD not in str(raised.value) + repr(raised.value) + repr(raised.value.__cause__)
    assert "setting database" in str(raised.value)


def test_a_secret_under_a_name_that_nobody_knows_is_not_told(tmp_path: Path) -> None:
    settings = tmp_path / "scheduler.toml"
    settings.write_text(f"database_password = '{PASSWORD}'\n")
    with pytest.raises(SettingsInvalidError) as raised:
        read_settings(["--config", str(settings)])
    assert "database_password" in str(raised.value)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("place", [f"u:{PASSWORD}@127.0.0.1:1/db", f"127.0.0.1:1/db?password={PASSWORD}&user=u"])
def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXX_DATABASE", f"postgresql://{place}")
    assert main(["--listen", "127.0.0.1:0", "--log-level", "debug"]) != 0
    told = "".join(capsys.readouterr())
    assert "127.0.0.1:1/db" in told
    assert PASSWORD not in told
