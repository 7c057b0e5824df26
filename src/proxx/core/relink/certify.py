"""certify: a source and its proxy against the rules of every target."""

from collections.abc import Mapping
from types import MappingProxyType

from proxx.core.client_path import pure_path, slashed
from proxx.core.facts import MediaFacts
from proxx.core.relink import avid, premiere, resolve
from proxx.core.relink.certificate import Effect, RelinkCertificate, RelinkReason, RelinkTarget, Strength, WillAttach
from proxx.core.relink.pair import Pair
from proxx.core.relink.rule import Comparison, Rule
from proxx.core.units.names import clip_name

TARGET_RULES: Mapping[RelinkTarget, tuple[Rule, ...]] = MappingProxyType(
    {
        RelinkTarget.RESOLVE: resolve.RULES,
        RelinkTarget.PREMIERE: premiere.RULES,
        RelinkTarget.AVID: avid.RULES,
    }
)
"""One table for each target."""


def certify(
    *, source: MediaFacts, proxy: MediaFacts, source_name: str, output_name: str
) -> tuple[RelinkCertificate, ...]:
    """Return one certificate for each target, in the order of RelinkTarget. Pure.

    The names are paths as the submitter spells them; of a bare name no folder rule can hold. The stem of a
    clip of several files is that of the clip, without the number of a part or frame.
    """
    if source.video is None or proxy.video is None:
        return tuple(_without_video(target, source, proxy) for target in TARGET_RULES)
    pair = Pair(
        source=source,
        proxy=proxy,
        source_video=source.video,
        proxy_video=proxy.video,
        source_path=pure_path(source_name).parent / clip_name(path=slashed(source_name)),
        output_path=pure_path(output_name),
    )
    return tuple(_certificate(target, rules, pair) for target, rules in TARGET_RULES.items())


def _certificate(target: RelinkTarget, rules: tuple[Rule, ...], pair: Pair) -> RelinkCertificate:
    satisfied: list[str] = []
    reasons: list[RelinkReason] = []
    for rule in rules:
        found = rule.compare(pair)
        if found is None:
            continue
        if found.holds:
            satisfied.append(rule.name)
        else:
            reasons.append(_reason(rule, found))
    return RelinkCertificate(
        target=target, will_attach=_answer(reasons), satisfied=tuple(satisfied), reasons=tuple(reasons)
    )


def _reason(rule: Rule, found: Comparison) -> RelinkReason:
    unknown = found.holds is None and rule.effect is Effect.BLOCKS
    return RelinkReason(
        rule=rule.name,
        requirement=rule.requirement,
        effect=Effect.DOUBT if unknown else rule.effect,
        expected=found.expected,
        actual=found.actual,
        strength=rule.strength,
        source=rule.source,
    )


def _answer(reasons: list[RelinkReason]) -> WillAttach:
    effects = {reason.effect for reason in reasons}
    if Effect.BLOCKS in effects:
        return WillAttach.NO
    return WillAttach.UNCERTAIN if Effect.DOUBT in effects else WillAttach.YES


def _without_video(target: RelinkTarget, source: MediaFacts, proxy: MediaFacts) -> RelinkCertificate:
    """Files without a picture have no proxies; Adobe says so, and the others attach pictures only."""
    missing = [name for name, facts in (("source", source), ("proxy", proxy)) if facts.video is None]
    reason = RelinkReason(
        rule="video_track",
        requirement="source and proxy have a video track",
        effect=Effect.BLOCKS,
        expected="a video track in both",
        actual=f"none in the {' and the '.join(missing)}",
        strength=Strength.DOCUMENTED,
        source="vendor help: Adobe, audio-only files have no proxies",
    )
    return RelinkCertificate(target=target, will_attach=WillAttach.NO, satisfied=(), reasons=(reason,))
