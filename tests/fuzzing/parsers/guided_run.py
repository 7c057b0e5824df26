"""One target under Atheris (libFuzzer over Python's bytecode): `python -m … NAME FOUND CORPUS [flags of libFuzzer]`.

Started by `make fuzz`, which brings Atheris. What a parser raises without documenting it is written below FOUND once
for each place that raises it, and the run goes on; an input that hangs or eats the memory ends it, as libFuzzer does.
"""

import hashlib
import sys
import traceback
from pathlib import Path
from random import Random

import atheris

_PACKAGES = ["plistlib", "proxx.core", "proxx.engine", "proxx.rpc", "proxx.runtime", "proxx_watcher", "proxx_scheduler"]

with atheris.instrument_imports(include=[*_PACKAGES, "proxx_resolve_executor"], exclude=["proxx.api"]):
    from tests.fuzzing.parsers import registry
    from tests.fuzzing.parsers.changes import change
    from tests.fuzzing.parsers.target import check

    TARGET = registry.target(sys.argv[1])

_FOUND = Path(sys.argv[2])
_SEEDS = tuple(TARGET.seeds())
_LENT = 256
_seen: set[tuple[str, str, int]] = set()
_lenders: list[bytes] = list(_SEEDS)


def look(data: bytes) -> None:
    """Look at one input; keep the first of each kind that breaks something."""
    try:
        check(TARGET, data)
    except Exception as error:  # noqa: BLE001  whatever comes out of a parser is the finding
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = (type(error).__name__, Path(last.filename).name, last.lineno or 0)
        if kind not in _seen:
            _seen.add(kind)
            path = _FOUND / f"{hashlib.sha256(data).hexdigest()[:12]}.bin"
            path.write_bytes(data)
            sentence = f"{kind[0]} at {kind[1]}:{kind[2]}: {error!s:.300}"
            print(f"BROKEN {TARGET.name} {path.name}: {sentence}", flush=True)  # noqa: T201  `make fuzz` reads it


def alter(data: bytes, most: int, seed: int) -> bytes:
    """Change an input in a way that fits its form, or in libFuzzer's."""
    random = Random(seed)
    if random.random() < 0.4:
        return bytes(atheris.Mutate(data, most))
    other = random.choice(_lenders)
    if len(_lenders) < _LENT:
        _lenders.append(data)
    elif random.random() < 0.02:
        _lenders[random.randrange(_LENT)] = data
    return change(TARGET, data, random=random, other=other)[:most]


if __name__ == "__main__":
    corpus = Path(sys.argv[3])
    for index, seed_input in enumerate(_SEEDS):
        corpus.joinpath(f"seed-{index:03d}").write_bytes(seed_input)
    flags = [f"-max_len={TARGET.longest}", "-timeout=20", "-rss_limit_mb=1024", f"-artifact_prefix={_FOUND}/"]
    atheris.Setup([sys.argv[0], *flags, *sys.argv[4:], str(corpus)], look, custom_mutator=alter)
    atheris.Fuzz()
