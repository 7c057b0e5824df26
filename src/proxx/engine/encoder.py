"""Who encodes on this host."""

from dataclasses import dataclass

from proxx.core.toolchain import Toolchain
from proxx.engine.measure import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Name and incarnation of the executor, its tools, the fingerprint of what makes its proxies, and the memory limit
    of each tool."""

    name: str
    incarnation: str
    tools: Tools
    toolchain: Toolchain
    memory_limit_bytes: int | None = None
