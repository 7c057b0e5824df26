"""Make a fake installation of DaVinci Resolve that real processes can start, find and script."""

import json
import shutil
import sys
from pathlib import Path

from tests.resolve_simulator.installation import Installation
from tests.resolve_simulator.quirks import Quirks

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]

# The first line of Python is a comment to the shell: one file, no path in its first line, whatever its length.
LAUNCHER = """#!/bin/sh
''':'
exec "{python}" -IS "$0" "$@"
'''
import sys
sys.path[:0] = {paths!r}
from tests.resolve_simulator.app.main import main
sys.exit(main({root!r}, sys.argv[1:]))
"""


def install(*, root: Path, quirks: Quirks | None = None, fixture: Path | None = None) -> Installation:
    """Write the installation below `root`, which may be absent, and return it. Nothing is started.

    `fixture` is a recorded host (`proxx_resolve_executor.host_fixture`), whose tables and dumps replace the built-in
    ones.
    """
    root = root.resolve()
    modules = root / "Developer" / "Scripting" / "Modules"
    library = root / "libs" / "Fusion" / "fusionscript.so"
    binary = root / "bin" / "resolve"
    for directory in (modules, library.parent, binary.parent):
        directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "client" / "loader.py", modules / "DaVinciResolveScript.py")
    shutil.copyfile(HERE / "client" / "library.py", library)
    paths = [str(PROJECT), str(PROJECT / "services" / "resolve_executor")]
    binary.write_text(LAUNCHER.format(python=sys.executable, paths=paths, root=str(root)), encoding="utf-8")
    binary.chmod(0o755)
    (root / "site.json").write_text(json.dumps({"fixture": str(fixture.resolve()) if fixture else None}))
    installation = Installation(root)
    installation.set_quirks(quirks or Quirks())
    return installation
