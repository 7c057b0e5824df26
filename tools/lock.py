"""`make lock`: resolve pyproject.toml for every platform into the two lock files, with the digest of every file.

Present pins stay while they satisfy pyproject.toml; `--upgrade` takes the newest of everything.
"""

import argparse
import subprocess
import sys

from tools.stages import PYTHON, ROOT

UV = "uv==0.13.8"
COMPILE = (PYTHON, "-m", "uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes", "--quiet")
PLAIN = ("--no-emit-index-url", "--no-header", "--python-version", "3.11")
LOCKS = {"requirements.lock": (), "requirements-dev.lock": ("--group", "dev")}


def main() -> int:
    """Write both lock files. Installs uv, which nothing else needs, into .venv."""
    parser = argparse.ArgumentParser(description="Write the lock files.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions instead of the present pins")
    upgrade = ("--upgrade",) if parser.parse_args().upgrade else ()
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", UV], cwd=ROOT, check=True)
    for name, group in LOCKS.items():
        subprocess.run([*COMPILE, *PLAIN, *group, *upgrade, "--output-file", name], cwd=ROOT, check=True)
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
