"""Roots that are bound to hosts."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from proxx.core.leases import ExecutorDescription
from proxx.runtime.settings import SettingsInvalidError
from proxx_scheduler.app.errors import ExecutorInvalidError
from proxx_scheduler.app.root_hosts import as_bound
from proxx_scheduler.settings import read_settings
from tests.fakes.leases import DESCRIPTION

HOSTS: Mapping[str, frozenset[str]] = {"scratch": frozenset({"edit-7", "edit-8"})}


def executor(name: str, *roots: str) -> ExecutorDescription:
    return replace(DESCRIPTION, name=name, roots=roots)


@pytest.mark.parametrize(
    ("name", "kept"), [("edit-7", ("media", "scratch")), ("other", ("media",))], ids=["its own", "another's"]
)
def test_a_bound_root_is_served_by_its_own_executors_only(name: str, kept: tuple[str, ...]) -> None:
    assert as_bound(description=executor(name, "media", "scratch"), hosts=HOSTS).roots == kept


def test_an_executor_without_a_root_of_its_own_is_refused() -> None:
    with pytest.raises(ExecutorInvalidError, match="scratch to edit-7 and edit-8"):
        as_bound(description=executor("other", "scratch"), hosts=HOSTS)


def test_roots_are_bound_by_settings_and_only_known_ones() -> None:
    words = ["--root", "media=/m", "--root", "media=M:\\", "--root", "scratch=/s"]
    bound = [*words, "--root-host", "scratch=edit-7", "--root-host", "scratch=edit-8"]

    assert read_settings(bound).root_hosts == HOSTS
    assert read_settings(words).roots.names == {"media", "scratch"}
    with pytest.raises(SettingsInvalidError, match="expected ROOT=EXECUTOR; roots: media, scratch"):
        read_settings([*words, "--root-host", "tape=edit-7"])
