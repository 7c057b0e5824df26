"""Which tools made a proxy of this host: the Resolve that rendered it, and the ffmpeg that verified it."""

from proxx.core.canonical import digest
from proxx.core.toolchain import Toolchain
from proxx_resolve_executor.host_port import HostFacts

VERIFIER = "verifying ffmpeg"


def with_resolve(*, facts: HostFacts | None, verifier: Toolchain) -> Toolchain:
    """Return the toolchain of renders: Resolve's product, version and platform, and the verifying ffmpeg by name.

    Without facts (Resolve was never ready) it is `DaVinci Resolve` of unknown version. What its build can do is the
    list of its format and codec pairs; their digest stands for its configuration. The fingerprint says which tools they
    were. That the same tools make the same bytes is not claimed of Resolve (C46): a GPU renders.
    """
    fields = {
        "tool": facts.product if facts is not None else "DaVinci Resolve",
        "version": facts.version if facts is not None else "unknown",
        "configuration_sha256": digest(list(codec_words(facts=facts))),
        "cpu_class": facts.platform if facts is not None else "unknown",
    }
    libraries = {VERIFIER: f"{verifier.tool} {verifier.version} fingerprint:{verifier.fingerprint}"}
    return Toolchain(**fields, libraries=libraries, fingerprint=digest({**fields, "libraries": libraries}))


def codec_words(*, facts: HostFacts | None) -> tuple[str, ...]:
    """Return the pairs that this host's Resolve encodes, as sessions carry them: `mov/DNxHRLB`, sorted."""
    return () if facts is None else tuple(sorted(f"{format_id}/{codec_id}" for format_id, codec_id in facts.pairs))
