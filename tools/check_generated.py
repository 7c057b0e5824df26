"""Compare src/proxx/api with what the pinned generator makes of protos/ now. Changes nothing."""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.stages import PYTHON, ROOT

API = Path("src") / "proxx" / "api"


def main() -> int:
    """Generate into a temporary copy of the tree; print every file that differs; 1 when there is one."""
    with tempfile.TemporaryDirectory(prefix="proxx-generated-") as name:
        copy = Path(name)
        shutil.copytree(ROOT / "protos", copy / "protos")
        (copy / "tools").mkdir()
        (copy / "src").mkdir()
        shutil.copy(ROOT / "tools" / "gen_protos.py", copy / "tools")
        path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # protoc looks for its plugins
        env = {**os.environ, "PATH": path}
        argv = [PYTHON, "tools/gen_protos.py"]
        done = subprocess.run(argv, cwd=copy, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"tools/gen_protos.py failed with exit code {done.returncode}\n{done.stderr}")
            return 1
        differences = compare(committed=ROOT / API, fresh=copy / API)
    for line in differences:
        print(line)
    if differences:
        print(f"{API} does not match protos/. Run: make proto")
        return 1
    print(f"{API} matches protos/")
    return 0


def compare(*, committed: Path, fresh: Path) -> list[str]:
    """One line for each file that is missing, left over or different."""
    have, want = _files(committed), _files(fresh)
    lines = [f"missing: {path}" for path in sorted(want - have)]
    lines += [f"left over: {path}" for path in sorted(have - want)]
    _, different, unreadable = filecmp.cmpfiles(committed, fresh, sorted(have & want), shallow=False)
    return lines + [f"different: {path}" for path in sorted([*different, *unreadable])]


def _files(directory: Path) -> set[str]:
    found = (path.relative_to(directory) for path in directory.rglob("*") if path.is_file())
    return {str(path) for path in found if "__pycache__" not in path.parts}


if __name__ == "__main__":
    sys.exit(main())
