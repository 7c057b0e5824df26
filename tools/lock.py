"""`make lock`: resolve pyproject.toml for every platform into the lock files, with the digest of every file.

Present pins stay while they satisfy pyproject.toml; `--upgrade` takes the newest of everything.
"""

import argparse
import subprocess
import sys

from tools.locked_install import locked_install
from tools.stages import PYTHON, ROOT

UV = ROOT / "requirements-uv.lock"
COMPILE = (PYTHON, "-m", "uv", "pip", "compile", "--universal", "--generate-hashes", "--quiet")
PLAIN = ("--no-emit-index-url", "--no-header", "--python-version", "3.11")
PROJECT = "pyproject.toml"
LOCKS = {
    "requirements.lock": (PROJECT,),
    "requirements-dev.lock": (PROJECT, "--group", "dev"),
    "requirements-fuzz.lock": ("--group", "fuzz"),
    UV.name: ("--group", "lock"),
}


def main() -> int:
    """Write every lock file. Installs uv, which nothing else needs, into .venv."""
    parser = argparse.ArgumentParser(description="Write the lock files.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions instead of the present pins")
    upgrade = ("--upgrade",) if parser.parse_args().upgrade else ()
    subprocess.run(locked_install(python=PYTHON, lock=UV), cwd=ROOT, check=True)
    for name, parts in LOCKS.items():
        subprocess.run([*COMPILE, *PLAIN, *parts, *upgrade, "--output-file", name], cwd=ROOT, check=True)
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
