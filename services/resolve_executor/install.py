"""Installs the Resolve executor from a checkout: any Python from 3.11 on, nothing else needed.

python3.11 services/resolve_executor/install.py --mount media=/mnt/media --scheduler HOST:7600 [--dry-run]
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  whatever `python3` is on a host may start this
    sys.exit("Python 3.11 or 3.12 is wanted, this is " + sys.version.split()[0] + ": start this file with such a one")

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src")]

from proxx_resolve_executor.command import main  # noqa: E402  it is not installed yet

if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(words if words[:1] in (["install"], ["uninstall"]) else ["install", *words]))
