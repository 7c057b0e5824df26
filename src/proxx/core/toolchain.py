"""Which tools made a proxy: the environment fingerprint that content determinism is claimed within."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """Name and version of the engine's tool, a hash of its build configuration, the CPU class, and its libraries.

    `libraries` names the tool's own file and each library that can touch a proxy, with the file's name and sha256.
    `fingerprint` is the digest over the other fields. Two executors with the same fingerprint make the same bytes.
    """

    tool: str
    version: str
    configuration_sha256: str
    cpu_class: str
    fingerprint: str
    libraries: Mapping[str, str] = field(default_factory=dict)
