"""Every package of every lock has a digest, and none is older than the fix of a known vulnerability."""

from pathlib import Path

import pytest

from proxx.core.advisories import open_advisories
from proxx.runtime.advisory_files import builtin_advisories
from tools.supply.audit import LOCKS
from tools.supply.locked import LockError, read_npm_lock, read_python_lock

ROOT = Path(__file__).resolve().parents[4]
PYTHON_LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
WITHOUT_DIGEST = {
    "@bufbuild/buf-darwin-arm64",
    "@bufbuild/buf-darwin-x64",
    "@bufbuild/buf-linux-armv7",
    "@bufbuild/buf-win32-arm64",
    "@bufbuild/buf-win32-x64",
}
"""Binaries of buf for systems that the registry did not carry when the lock was written (docs/adr/0011)."""


@pytest.mark.parametrize("name", [*PYTHON_LOCKS, "bench/requirements-peers.txt"])
def test_every_python_package_is_locked_by_digest(name: str) -> None:
    packages = read_python_lock(ROOT / name)
    assert packages
    assert [item.name for item in packages if not item.digests] == []


def test_every_npm_package_that_is_used_on_linux_is_locked_by_digest() -> None:
    packages = read_npm_lock(ROOT / "package-lock.json")
    assert {item.name for item in packages if not item.digests} == WITHOUT_DIGEST
    assert {item.algorithm for item in packages if item.digests} == {"sha512"}
    assert all(item.optional for item in packages if not item.digests)


def test_the_audit_looks_at_every_lock_of_what_runs_or_tests_proxx() -> None:
    assert set(LOCKS) == set(PYTHON_LOCKS) - {"requirements-uv.lock"}


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_no_locked_package_is_older_than_the_fix_of_a_known_vulnerability(name: str) -> None:
    known = builtin_advisories()
    still = {
        f"{item.name} {item.version}": open_advisories(known=known, package=item.name, version=item.version)
        for item in read_python_lock(ROOT / name)
    }
    assert {name: found for name, found in still.items() if found} == {}


def test_grpc_protobuf_and_ffmpeg_are_in_the_table() -> None:
    assert {advisory.package for advisory in builtin_advisories()} == {"grpcio", "protobuf", "ffmpeg"}


def test_a_line_that_is_no_pin_is_refused_with_its_number(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text(f"# head\nclick==8.5.1 ; sys_platform == 'win32' \\\n    --hash=sha256:{'a' * 64}\n-e .\n")
    with pytest.raises(LockError, match=r"x\.lock, line 4: expected a pin or a digest, got '-e \.'"):
        read_python_lock(lock)
    lock.write_text(lock.read_text().replace("-e .\n", ""))
    (found,) = read_python_lock(lock)
    assert (found.name, found.version, found.digests) == ("click", "8.5.1", ("a" * 64,))
    assert found.marker == "sys_platform == 'win32'"
