"""`python -m proxx_resolve_executor`."""

import sys

from proxx_resolve_executor.command import main

if __name__ == "__main__":
    sys.exit(main())
