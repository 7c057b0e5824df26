"""Which tools made a proxy: the environment fingerprint that content determinism is claimed within."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """Name and version of the engine's tool, a hash of its build configuration and libraries, and the CPU class.

    `fingerprint` is the digest over the other fields. Two executors with the same fingerprint make the same bytes.
    """

    tool: str
    version: str
    configuration_sha256: str
    cpu_class: str
    fingerprint: str
