"""The licence check names what is unknown or unwanted."""

import pytest

from tools.supply.licences import Licensed, faults, licensed, page, read_policy
from tools.supply.locked import Locked

LEGAL = frozenset({"MIT", "Apache-2.0"})


def one(licence: str) -> Licensed:
    return Licensed(name="thing", version="1.0", licence=licence, home="")


@pytest.mark.parametrize("licence", ["MIT", "MIT OR GPL-3.0-only", "Apache-2.0 AND MIT", "(MIT OR Apache-2.0)"])
def test_a_licence_of_the_policy_passes(licence: str) -> None:
    assert faults([one(licence)], legal=LEGAL, lock="x.lock") == []


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND GPL-3.0-only", "Apache-2.0 WITH LLVM-exception"])
def test_an_unwanted_licence_is_named(licence: str) -> None:
    assert faults([one(licence)], legal=LEGAL, lock="x.lock") == [f"x.lock: thing 1.0 is under {licence}"]


def test_a_package_that_states_nothing_is_named() -> None:
    assert faults([one("")], legal=LEGAL, lock="x.lock") == ["x.lock: thing 1.0 is under nothing stated"]


def test_a_package_that_is_not_installed_and_not_in_the_policy_states_nothing() -> None:
    absent = Locked(name="no-such-package-of-anybody", version="1.0", algorithm="sha256", digests=())
    assert licensed(absent, policy=read_policy()).licence == ""


def test_every_package_of_this_checkout_is_listed_under_a_licence_of_the_policy() -> None:
    text, wrong = page(read_policy())
    assert wrong == []
    assert "| [grpcio](https://grpc.io) |" in text
