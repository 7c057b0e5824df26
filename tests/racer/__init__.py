"""The rename racer: one process swaps directories and files for links out of the root, another one works there."""
