"""`make check`: everything that can be said about the code without running it. Every check runs; all failures show."""

import argparse
import sys

from tools.stages import PYTHON, ROOT, Stage, run_stages

BUF = str(ROOT / "node_modules" / ".bin" / "buf")
RELEASED_CONTRACT = ROOT / "protos" / "released.binpb"


def contract_stages() -> list[Stage]:
    """Lint the protos, compare them with the last release, compare the generated code with them."""
    breaking = Stage(name="buf breaking", argv=(BUF, "breaking", "--against", str(RELEASED_CONTRACT)))
    if not RELEASED_CONTRACT.exists():
        reason = f"no {RELEASED_CONTRACT.relative_to(ROOT)}: 0.1.0 is not released, so there is no contract to break"
        breaking = Stage(name="buf breaking", skip=reason)
    return [
        Stage(name="buf lint", argv=(BUF, "lint")),
        Stage(name="buf format", argv=(BUF, "format", "--diff", "--exit-code", "protos")),
        breaking,
        Stage(name="generated code", argv=(PYTHON, "-m", "tools.check_generated")),
    ]


def _types_on(platform: str) -> Stage:
    """The Resolve executor runs where its tests do not: what another system lacks is a missing attribute there."""
    packages = ("services/resolve_executor/proxx_resolve_executor", "src/proxx/engine", "src/proxx/runtime")
    cache = f".mypy_cache/{platform}"
    return Stage(name=f"mypy, {platform}", argv=("mypy", "--platform", platform, "--cache-dir", cache, *packages))


def code_stages() -> list[Stage]:
    """Style, types and who may import whom."""
    return [
        Stage(name="ruff check", argv=("ruff", "check", ".")),
        Stage(name="ruff format", argv=("ruff", "format", "--check", ".")),
        Stage(name="mypy", argv=("mypy",)),
        *(_types_on(platform) for platform in ("win32", "darwin")),
        Stage(name="import rules", argv=("lint-imports",)),
    ]


def document_stages() -> list[Stage]:
    """Files that are made from others still match them."""
    return [
        Stage(name="profile table", argv=(PYTHON, "tools/profile_table.py", "--check")),
        Stage(name="source matrix", argv=(PYTHON, "-m", "tools.source_matrix_table", "--check")),
        Stage(name="matrix of roles", argv=(PYTHON, "-m", "tools.access_table", "--check")),
        Stage(name="font", argv=(PYTHON, "tools/make_font.py", "--check")),
        Stage(name="lock files", argv=(PYTHON, "-m", "tools.check_locks")),
        Stage(name="licences", argv=(PYTHON, "-m", "tools.supply.licences", "--check")),
        Stage(name="known vulnerabilities", argv=(PYTHON, "-m", "tools.supply.audit", "--offline")),
    ]


def main() -> int:
    """Run all groups or one."""
    parser = argparse.ArgumentParser(description="Check the code without running it.")
    parser.add_argument("--only", choices=("code", "contract", "documents"))
    groups = {"code": code_stages, "contract": contract_stages, "documents": document_stages}
    only = parser.parse_args().only
    chosen = [only] if only else list(groups)
    return run_stages([stage for name in chosen for stage in groups[name]()], stop_at_failure=False)


if __name__ == "__main__":
    sys.exit(main())
