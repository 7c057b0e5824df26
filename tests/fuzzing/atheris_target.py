"""The same files and properties under Atheris (libFuzzer for Python bytecode), which looks at far more of them.

Atheris is no dependency of Proxx. In an environment of its own:

    python3.11 -m venv FUZZ && FUZZ/bin/pip install --require-hashes -r requirements-fuzz.lock
    make fuzz-detector FUZZ_FLAGS="--atheris FUZZ/bin/python"
"""

import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["proxx.core.sources"]):
    import proxx.core.sources.detect  # noqa: F401
    from tests.fuzzing import mutate, properties, trees

_TWICE_EVERY = 16
_FRESH = 0.1
_LENT = 256
_RENEW = 0.98
_lenders: list[bytes] = []


def look(data: bytes) -> None:
    """Look at one file, at some of them twice."""
    if sum(data[:8]) % _TWICE_EVERY == 0:
        properties.examine_twice(data)
    else:
        properties.examine(data)


def change(data: bytes, most: int, seed: int) -> bytes:
    """Change one file in our way or in libFuzzer's."""
    random = Random(seed)
    choice = random.random()
    if choice < _FRESH:
        return (bytes([random.randrange(256)]) + trees.grow(random))[:most]
    if choice < 0.5:
        return bytes(atheris.Mutate(data, most))
    if len(_lenders) < _LENT:
        _lenders.append(trees.grow(random))
    elif choice > _RENEW:
        _lenders[random.randrange(_LENT)] = trees.grow(random)
    return mutate.mutate(data, random=random, other=random.choice(_lenders))[:most]


if __name__ == "__main__":
    atheris.Setup(sys.argv, look, custom_mutator=change)
    atheris.Fuzz()
