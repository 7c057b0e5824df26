"""Certificates as lines for people."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from proxx.core.relink.certificate import Effect, RelinkCertificate, RelinkTarget, WillAttach

TARGET_NAMES: Mapping[RelinkTarget, str] = MappingProxyType(
    {RelinkTarget.RESOLVE: "Resolve", RelinkTarget.PREMIERE: "Premiere", RelinkTarget.AVID: "Avid"}
)
"""How people call the targets."""


def certificate_line(certificates: Iterable[RelinkCertificate]) -> str:
    """Return `Resolve yes; Premiere uncertain (frame_size); Avid no (container, codec)`: the rules that decide."""
    return "; ".join(_one(certificate) for certificate in certificates)


def totals_line(clips: Iterable[tuple[RelinkCertificate, ...]]) -> str:
    """Return how many proxies attach where: `Resolve 3 yes, 1 uncertain; Premiere 4 yes`. Empty without clips."""
    totals: dict[RelinkTarget, Counter[WillAttach]] = {}
    for certificates in clips:
        for certificate in certificates:
            totals.setdefault(certificate.target, Counter())[certificate.will_attach] += 1
    return "; ".join(
        f"{TARGET_NAMES[target]} "
        + ", ".join(f"{counted[answer]} {answer.value.lower()}" for answer in WillAttach if counted[answer])
        for target, counted in totals.items()
    )


def _one(certificate: RelinkCertificate) -> str:
    deciding = Effect.BLOCKS if certificate.will_attach is WillAttach.NO else Effect.DOUBT
    rules = ", ".join(reason.rule for reason in certificate.reasons if reason.effect is deciding)
    answer = f"{TARGET_NAMES[certificate.target]} {certificate.will_attach.value.lower()}"
    return f"{answer} ({rules})" if rules else answer
