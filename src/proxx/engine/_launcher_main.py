"""Starts the launcher (_launcher.py): `python -I -S _launcher_main.py REPORT_FD PARENT_PID`."""

import os
import sys

assert sys.platform != "win32"  # noqa: S101  nothing of the launcher exists there; engine/direct_runner.py is for it

TYPE_CHECKING = False
if TYPE_CHECKING:
    from proxx.engine import _launcher
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  isolated mode left it out
    import _launcher

if __name__ == "__main__":
    _launcher.main()
