"""The attacker: exchanges paths with links to the canary tree, in one system call each, until its stdin ends.

Run as `python -m tests.racer.swapper ROOT SEED REST`; prints how often it has swapped. With a REST above 0 (seconds) it
swaps for about as long, and rests that long in between: for tools, which take a while to start.
"""

import ctypes
import os
import random
import select
import sys
import time

from tests.racer.arena import SWAPPED

RENAME_EXCHANGE = 2
AT_FDCWD = -100


def main() -> None:
    """Swap, and leave everything as it was at the end."""
    root, seed, rest = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    exchange = ctypes.CDLL(None, use_errno=True).renameat2
    chance = random.Random(seed)
    pairs = [
        (os.fsencode(f"{root}/{path}"), os.fsencode(f"{root}/links/{number}"))
        for number, (path, _) in enumerate(SWAPPED)
    ]
    swaps = 0

    def swap(pair: tuple[bytes, bytes]) -> bool:
        return exchange(AT_FDCWD, pair[0], AT_FDCWD, pair[1], RENAME_EXCHANGE) == 0

    while not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(50):
            pair = chance.choice(pairs)
            if not swap(pair):
                continue
            swaps += 1
            if rest:
                time.sleep(chance.random() * rest / 5)
            for _ in range(chance.randrange(200)):
                pass
            swap(pair)
            if rest:
                time.sleep(chance.random() * rest)
                break
    sys.stdout.write(f"{swaps}\n")


if __name__ == "__main__":
    main()
