"""`python -m proxx_resolve_executor`."""

import sys

from proxx_resolve_executor.bootstrap import main

if __name__ == "__main__":
    sys.exit(main())
