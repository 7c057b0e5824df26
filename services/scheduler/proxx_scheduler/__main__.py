"""`python -m proxx_scheduler`."""

import sys

from proxx_scheduler.bootstrap import main

if __name__ == "__main__":
    sys.exit(main())
