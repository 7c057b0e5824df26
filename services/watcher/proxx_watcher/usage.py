"""Reading a command line: what is wrong with it ends the process with the exit code of every Proxx command for that."""

import argparse
import sys
from typing import NoReturn

USAGE = 64


class UsageParser(argparse.ArgumentParser):
    """An argparse parser that exits with 64 (EX_USAGE) where argparse would with 2, which means something else here."""

    def error(self, message: str) -> NoReturn:
        """Say how to use the command and what is wrong, and exit."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: error: {message}\n")
