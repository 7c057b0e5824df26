"""A JSON object held against the schema of its version: a JobSpec, and every structural violation at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from proxx.core.jobspec.fps_mode import FpsMode
from proxx.core.jobspec.spec import JobSpec
from proxx.core.jobspec.values import MAX_ENTRIES, text_fault
from proxx.core.jobspec.vocabulary import V2_1, VOCABULARIES, Vocabulary
from proxx.core.quoting import describe, quote
from proxx.core.violation import Violation, ViolationCode

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_TYPE_WORDS = {
    "string_type": "a string",
    "string_unicode": "a string of Unicode text",
    "list_type": "an array",
    "dict_type": "an object",
    "float_type": "a number",
    "finite_number": "a finite number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What the schema found. `broken` names the canonical fields whose value in `spec` means nothing."""

    spec: JobSpec
    vocabulary: Vocabulary
    broken: frozenset[str]
    violations: tuple[Violation, ...]


def check_version(*, data: Mapping[str, object], accepted: tuple[str, ...]) -> Vocabulary | Violation:
    """Return the vocabulary of the object's version, or the violation that makes it unreadable."""
    field = "jobspec_version"
    listed = ", ".join(quote(text=version) for version in accepted)
    if field not in data:
        return Violation(
            code=ViolationCode.VERSION_MISSING, field=field, message=f"{field} is missing; accepted: {listed}"
        )
    version = data[field]
    if not isinstance(version, str):
        message = f"{field} must be a string, got {describe(value=version)}; accepted: {listed}"
        return Violation(code=ViolationCode.FIELD_TYPE, field=field, message=message)
    if version not in accepted or version not in VOCABULARIES:
        message = f"{field} {quote(text=version)} is not accepted; accepted: {listed}"
        return Violation(code=ViolationCode.VERSION_UNSUPPORTED, field=field, message=message)
    return VOCABULARIES[version]


def check_structure(*, data: Mapping[str, object], vocabulary: Vocabulary) -> Structure:
    """Hold the object against its version's schema."""
    from pydantic import ValidationError

    schema = _schema(vocabulary)
    data, violations = _bounded(data, fields=tuple(schema.model_fields))
    data, nameless = _named_in_unicode(data, schema=schema, vocabulary=vocabulary)
    violations += nameless
    named = {violation.field for violation in violations}
    try:
        schema.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        violations += tuple(_violation(detail, schema=schema, vocabulary=vocabulary) for detail in details)
        named |= {str(detail["loc"][0]) for detail in details}
    broken = frozenset(field for field, name in vocabulary.fields.items() if name in named)
    return Structure(
        spec=_build(data=data, vocabulary=vocabulary, broken=broken),
        vocabulary=vocabulary,
        broken=broken,
        violations=violations,
    )


def _bounded(data: Mapping[str, object], *, fields: tuple[str, ...]) -> tuple[dict[str, object], tuple[Violation, ...]]:
    """Leave out objects with too many entries, so that what is wrong with each is never listed."""
    found: list[Violation] = []
    kept = dict(data)
    if len(kept) > MAX_ENTRIES:
        found.append(_too_many("", f"The JobSpec has {len(kept)} fields; at most {MAX_ENTRIES} are looked at"))
        kept = {name: data[name] for name in fields if name in data}
    for name, value in kept.items():
        if isinstance(value, dict) and len(value) > MAX_ENTRIES:
            found.append(
                _too_many(_bare(name), f"{_bare(name)} has {len(value)} entries; at most {MAX_ENTRIES} are taken")
            )
            kept[name] = {}
    return kept, tuple(found)


def _named_in_unicode(
    data: Mapping[str, object], *, schema: "type[BaseModel]", vocabulary: Vocabulary
) -> tuple[dict[str, object], tuple[Violation, ...]]:
    """Leave out fields whose name holds a lone surrogate: no field is called so, and pydantic cannot say it."""
    nameless = [name for name in data if text_fault(name) is not None]
    found = tuple(_unknown(name, schema=schema, vocabulary=vocabulary) for name in nameless)
    return {name: value for name, value in data.items() if name not in nameless}, found


def _unknown(name: str, *, schema: "type[BaseModel]", vocabulary: Vocabulary) -> Violation:
    known = ", ".join(schema.model_fields)
    message = f"Unknown field {quote(text=name)}; JobSpec {vocabulary.version} has {known}"
    return Violation(code=ViolationCode.FIELD_UNKNOWN, field=_bare(name), message=message, expected=known)


def _too_many(field: str, message: str) -> Violation:
    return Violation(code=ViolationCode.LIMIT_EXCEEDED, field=field, message=message, expected=str(MAX_ENTRIES))


def _schema(vocabulary: Vocabulary) -> "type[BaseModel]":
    if vocabulary is V2_1:
        from proxx.core.jobspec import wire_2_1

        return wire_2_1.WireSpec
    from proxx.core.jobspec import wire_1_0_0

    return wire_1_0_0.WireSpec


def _build(*, data: Mapping[str, object], vocabulary: Vocabulary, broken: frozenset[str]) -> JobSpec:
    """Return the spec of the sound fields; a broken one is left empty, but for the number of its sources."""

    def value(field: str, default: object) -> object:
        name = vocabulary.fields.get(field)
        return default if name is None or field in broken else data.get(name, default)

    def text(field: str) -> str:
        return cast(str, value(field, ""))

    sources = data.get("sources")
    mode = text("fps_mode")
    return JobSpec(
        job_id=cast("str | None", value("job_id", None)),
        created_at=cast("str | None", value("created_at", None)),
        sources=tuple(str(source) for source in sources) if isinstance(sources, list) else (),
        output_directory=text("output_directory"),
        codec=text("codec"),
        container=text("container"),
        resolution=text("resolution"),
        fps_mode=vocabulary.fps_words[mode] if mode else FpsMode.SAME_AS_SOURCE,
        fps_explicit=cast("float | None", value("fps_explicit", None)),
        naming_template=text("naming_template"),
        proxy_profile=text("proxy_profile"),
        resolved_tokens=cast(Mapping[str, str], value("resolved_tokens", {})),
        user_metadata=cast(Mapping[str, str], value("user_metadata", {})),
    )


def _violation(detail: "ErrorDetails", *, schema: "type[BaseModel]", vocabulary: Vocabulary) -> Violation:
    field = _field(detail["loc"])
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return Violation(code=ViolationCode.FIELD_MISSING, field=field, message=f"{field} is missing")
    if kind == "extra_forbidden":
        return _unknown(str(detail["loc"][0]), schema=schema, vocabulary=vocabulary)
    if kind == "too_short":
        return Violation(code=ViolationCode.FIELD_VALUE, field=field, message=f"{field} is empty")
    if kind == "too_long":
        limit = context["max_length"]
        message = (
            f"{field} has {context['actual_length']} entries; a job has at most {limit} sources: submit several jobs"
        )
        return Violation(code=ViolationCode.LIMIT_EXCEEDED, field=field, message=message, expected=str(limit))
    if kind in _TYPE_WORDS:
        expected, actual = _TYPE_WORDS[kind], describe(value=detail["input"])
        message = f"{field} must be {expected}, got {actual}"
        return Violation(code=ViolationCode.FIELD_TYPE, field=field, message=message, expected=expected, actual=actual)
    return Violation(
        code=ViolationCode(kind),
        field=field,
        message=f"{field} {context['predicate']}",
        expected=context["expected"],
        actual=context["actual"],
    )


def _field(location: tuple[int | str, ...]) -> str:
    first, *rest = location
    return _bare(str(first)) + "".join(_field_part(item) for item in rest)


def _field_part(item: int | str) -> str:
    if isinstance(item, int):
        return f"[{item}]"
    return " (key)" if item == "[key]" else f".{_bare(item)}"


def _bare(text: str) -> str:
    return quote(text=text)[1:-1]
