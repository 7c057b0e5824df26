"""`python -m proxx_watcher`."""

import sys

from proxx_watcher.bootstrap import main

if __name__ == "__main__":
    sys.exit(main())
