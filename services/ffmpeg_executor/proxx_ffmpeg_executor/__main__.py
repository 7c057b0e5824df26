"""`python -m proxx_ffmpeg_executor`."""

import sys

from proxx_ffmpeg_executor.bootstrap import main

if __name__ == "__main__":
    sys.exit(main())
