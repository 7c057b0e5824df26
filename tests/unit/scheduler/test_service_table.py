"""What a standby knows of the services agrees with the contract, so that nothing new is unknown to it."""

import re
from pathlib import Path

from proxx_scheduler.transport.service_table import LONG_POLLS, NEVER_WRONG, SERVICE_NAMES, STREAMS, service_of

PROTOS = Path(__file__).parents[3] / "protos"


def published() -> dict[str, str]:
    """The text of every service of the contract, by its full name."""
    found = {}
    for path in sorted(PROTOS.rglob("*.proto")):
        text = path.read_text(encoding="utf-8")
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
        for name, body in re.findall(r"^service (\w+) \{(.*?)^\}", text, re.MULTILINE | re.DOTALL):
            assert package is not None
            found[f"{package[1]}.{name}"] = body
    return found


def test_every_published_service_is_in_the_table() -> None:
    assert sorted(SERVICE_NAMES) == sorted(published())


def test_every_published_method_is_in_the_table_with_its_kind_and_none_takes_a_stream() -> None:
    methods = {}
    for service, body in published().items():
        for name, takes, gives in re.findall(r"rpc (\w+)\((stream )?\w+\) returns \((stream )?\w+\)", body):
            assert not takes
            methods[f"/{service}/{name}"] = bool(gives)
    assert methods == STREAMS


def test_what_is_said_of_single_methods_is_said_of_methods_of_the_table() -> None:
    assert STREAMS.keys() >= NEVER_WRONG | LONG_POLLS
    assert {service_of(path) for path in STREAMS} == set(SERVICE_NAMES)
