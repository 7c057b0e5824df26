"""Output names: a template with tokens becomes one file name per clip, legal on every file system, or is refused.

Inside `{source_name}`, characters that some file system forbids become `_`, spaces and dots at either end go, and an
empty rest becomes `output` (REQUIREMENTS.md 74). Everything else that is illegal is refused, never repaired. A leading
dash is legal: Proxx passes absolute paths only. Bytes of a source name that are not UTF-8 (surrogate escapes) become
`_` here; a JobSpec that holds them is refused before, because no protobuf string can carry them. A clip of several
files is named after the clip, without the number of a part or frame (`core.units.clip_name`).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from proxx.core.client_path import slashed
from proxx.core.media_table import MEDIA_EXTENSIONS
from proxx.core.quoting import quote
from proxx.core.units.names import clip_name
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx.core.windows_names import FORBIDDEN, device_name

if TYPE_CHECKING:
    from proxx.core.jobspec.spec import JobSpec

TOKENS = ("source_name", "source_ext", "job_id", "date", "time", "index", "codec", "resolution")
"""Every token of a naming template."""

UNIQUE_TOKENS = ("index", "source_name")
"""A template for several clips needs one of these."""

MAX_NAME_BYTES = 255

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_PART = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_UNASSIGNED = MappingProxyType({"job_id": "00000000", "date": "00000000", "time": "000000"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputName:
    """The output of one clip: its file name with extension, and the value of every token for it."""

    clip_index: int
    name: str
    tokens: Mapping[str, str]


def parse_moment(*, text: str) -> datetime:
    """Return an ISO 8601 time with offset (`2025-12-29T10:00:00Z`, `…+01:00`, at most nine fraction digits).

    Raises:
        ValueError: the text has another form, no offset, or names no real time.
    """
    if _MOMENT.fullmatch(text) is None:
        raise ValueError(f"{quote(text=text)} is not YYYY-MM-DDTHH:MM:SS with an offset (Z or +HH:MM)")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{quote(text=text)} names no real time: {error}") from error


def resolve_outputs(*, spec: "JobSpec") -> tuple[OutputName, ...]:
    """Return the output name of every clip of a completed spec, in clip order.

    Raises:
        ViolationsError: NAMING_TOKEN, NAMING_AMBIGUOUS, NAMING_ILLEGAL or NAMING_COLLISION; every one at once.
        ValueError: the spec has no job_id or no created_at yet, or created_at is no ISO 8601 time with offset.
    """
    if spec.job_id is None or spec.created_at is None:
        raise ValueError("output names need a spec with job_id and created_at; complete it first")
    outputs, violations = _resolve(spec=spec, template_field="naming_template")
    if violations:
        raise ViolationsError(violations)
    return outputs


def naming_violations(*, spec: "JobSpec", template_field: str = "naming_template") -> tuple[Violation, ...]:
    """Return every naming rule that `spec` breaks; job_id and created_at may be absent.

    Neither can make a name illegal or two names equal: they have a fixed form and are the same for every clip.
    """
    return _resolve(spec=spec, template_field=template_field)[1]


def template_violations(*, template: str, source_count: int, field: str = "naming_template") -> tuple[Violation, ...]:
    """Return the rules that the template breaks by itself: braces, tokens, forbidden characters, ambiguity."""
    parts = _PART.findall(template)
    tokens = [match[1] for match in re.finditer(r"\{([^{}]*)\}", template)]
    found = [_unknown_token(token=token, field=field) for token in dict.fromkeys(tokens) if token not in TOKENS]
    if any(brace for _, _, brace in parts):
        message = f"{field} {quote(text=template)} has an unbalanced brace; tokens are {_token_list()}"
        found.append(_violation(ViolationCode.NAMING_TOKEN, field, message))
    literal = "".join(text for _, text, _ in parts)
    forbidden = sorted({character for character in literal if _is_forbidden(character) or character == "%"})
    if forbidden:
        listed = " ".join(quote(text=character) for character in forbidden)
        message = f"{field} {quote(text=template)} holds {listed}, which no output name may hold"
        found.append(_violation(ViolationCode.NAMING_ILLEGAL, field, message))
    if source_count > 1 and not set(tokens) & set(UNIQUE_TOKENS):
        message = (
            f"{field} {quote(text=template)} gives one name to all {source_count} sources; "
            "a job of several clips needs {index} or {source_name}"
        )
        found.append(_violation(ViolationCode.NAMING_AMBIGUOUS, field, message))
    return tuple(found)


def name_fault(*, name: str) -> str:
    """Return the rule that a file or folder name breaks on some file system; empty when none."""
    return _name_rule(rendered=name, name=name)


def clip_tokens(*, spec: "JobSpec", clip_index: int) -> Mapping[str, str]:
    """Return the value of every token for one clip; zeros stand for a job_id or created_at not yet assigned.

    Raises:
        ValueError: created_at is no ISO 8601 time with offset.
    """
    stem, extension = _split_name(clip_name(path=slashed(spec.sources[clip_index])))
    tokens = {
        **_UNASSIGNED,
        "source_name": _safe_name(stem),
        "source_ext": extension,
        "index": f"{clip_index:03d}",
        "codec": spec.codec,
        "resolution": spec.resolution,
    }
    if spec.job_id is not None:
        tokens["job_id"] = spec.job_id
    if spec.created_at is not None:
        tokens["date"], tokens["time"] = _date_and_time(spec.created_at)
    return MappingProxyType({token: tokens[token] for token in TOKENS})


@lru_cache(maxsize=64)
def _date_and_time(created_at: str) -> tuple[str, str]:
    moment = parse_moment(text=created_at)
    date = f"{moment.year:04d}{moment.month:02d}{moment.day:02d}"
    return date, f"{moment.hour:02d}{moment.minute:02d}{moment.second:02d}"


def _resolve(*, spec: "JobSpec", template_field: str) -> tuple[tuple[OutputName, ...], tuple[Violation, ...]]:
    tokens = [clip_tokens(spec=spec, clip_index=index) for index in range(len(spec.sources))]
    violations = list(
        template_violations(template=spec.naming_template, source_count=len(spec.sources), field=template_field)
    )
    outputs: list[OutputName] = []
    if not violations:
        for index, values in enumerate(tokens):
            name, rule = _render(template=spec.naming_template, tokens=values, container=spec.container)
            outputs.append(OutputName(clip_index=index, name=name, tokens=values))
            if rule:
                message = (
                    f"sources[{index}] {quote(text=spec.sources[index])} would be named {quote(text=name)}: {rule}"
                )
                violations.append(_violation(ViolationCode.NAMING_ILLEGAL, f"sources[{index}]", message))
        violations.extend(_collisions(spec=spec, outputs=outputs))
    violations.extend(_token_claims(spec=spec, tokens=tokens))
    return tuple(outputs), tuple(violations)


def _render(*, template: str, tokens: Mapping[str, str], container: str) -> tuple[str, str]:
    """Return the name and the rule that it breaks (empty when none)."""
    rendered = re.sub(r"\{([^{}]*)\}", lambda match: tokens[match[1]], template)
    extension = _split_name(rendered)[1].casefold()
    name = rendered if extension == container else f"{rendered}.{container}"
    if extension != container and extension in MEDIA_EXTENSIONS:
        return rendered, f'it ends with ".{extension}" and the container makes ".{container}"'
    return name, _name_rule(rendered=rendered, name=name)


def _name_rule(*, rendered: str, name: str) -> str:
    if not rendered:
        return "it is empty before its extension"
    if "%" in name or not _is_free(name):
        forbidden = sorted({character for character in name if _is_forbidden(character) or character == "%"})
        if forbidden:
            return f"no output name may hold {' '.join(quote(text=character) for character in forbidden)}"
    if name.startswith("."):
        return "a name with a leading dot is hidden, and hidden names belong to staging"
    if name.startswith(" "):
        return "a name may not begin with a space"
    if rendered.endswith((".", " ")):
        return "a name may not end with a dot or a space before its extension"
    if device := device_name(name=name):
        return f"{quote(text=device)} is a device name on Windows"
    length = len(name.encode("utf-8", "surrogatepass"))
    if length > MAX_NAME_BYTES:
        return f"it has {length} bytes in UTF-8 and a file name has at most {MAX_NAME_BYTES}"
    return ""


def _collisions(*, spec: "JobSpec", outputs: list[OutputName]) -> list[Violation]:
    first: dict[str, OutputName] = {}
    found = []
    for output in outputs:
        other = first.setdefault(_collision_key(output.name), output)
        if other is output:
            continue
        named = quote(text=output.name)
        if other.name != output.name:
            named = f"{quote(text=other.name)} and {named}, one name where case or Unicode form does not count"
        message = (
            f"sources[{other.clip_index}] {quote(text=spec.sources[other.clip_index])} and "
            f"sources[{output.clip_index}] {quote(text=spec.sources[output.clip_index])} would both be named {named}"
        )
        found.append(_violation(ViolationCode.NAMING_COLLISION, f"sources[{output.clip_index}]", message))
    return found


def _token_claims(*, spec: "JobSpec", tokens: list[Mapping[str, str]]) -> list[Violation]:
    if not tokens:
        return []
    unassigned = {"job_id": spec.job_id is None, "date": spec.created_at is None, "time": spec.created_at is None}
    found = []
    for token, claimed in spec.resolved_tokens.items():
        field = f"resolved_tokens.{quote(text=token)[1:-1]}"
        values = list(dict.fromkeys(clip[token] for clip in tokens)) if token in TOKENS else []
        if token not in TOKENS:
            found.append(_unknown_token(token=token, field=field))
        elif unassigned.get(token, False):
            needed = "job_id" if token == "job_id" else "created_at"  # noqa: S105  a naming token is no secret
            message = f"{field} is {quote(text=claimed)} but the spec has no {needed} to resolve it from"
            found.append(_violation(ViolationCode.NAMING_TOKEN, field, message))
        elif len(values) > 1:
            message = f"{field} differs between clips and cannot stand in the spec"
            found.append(_violation(ViolationCode.NAMING_TOKEN, field, message))
        elif values != [claimed]:
            message = f"{field} is {quote(text=claimed)} but resolves to {quote(text=values[0])}"
            found.append(_violation(ViolationCode.NAMING_TOKEN, field, message))
    return found


def _split_name(name: str) -> tuple[str, str]:
    """Split at the last dot that has something on both sides; no such dot: no extension."""
    stem, _, extension = name.rpartition(".")
    return (stem, extension) if stem and extension else (name, "")


def _safe_name(stem: str) -> str:
    replaced = stem
    if not _is_free(stem):
        replaced = "".join("_" if _is_forbidden(character) else character for character in stem)
    return replaced.strip(" .") or "output"


def _is_free(text: str) -> bool:
    """Whether a text clearly holds nothing forbidden, told without a look at each character."""
    return text.isprintable() and FORBIDDEN.isdisjoint(text)


def _is_forbidden(character: str) -> bool:
    return character in FORBIDDEN or unicodedata.category(character) in ("Cc", "Cs")


def _collision_key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _unknown_token(*, token: str, field: str) -> Violation:
    named = quote(text="{" + token + "}")
    return _violation(ViolationCode.NAMING_TOKEN, field, f"{field}: unknown token {named}; tokens are {_token_list()}")


def _token_list() -> str:
    return ", ".join("{" + token + "}" for token in TOKENS)


def _violation(code: ViolationCode, field: str, message: str) -> Violation:
    return Violation(code=code, field=field, message=message)
