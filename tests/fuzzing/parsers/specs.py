"""JobSpecs: the JSON text of every version, the protobuf message, and the mapping of every message to its record."""

import contextlib
import json
from collections.abc import Sequence

from google.protobuf.message import DecodeError

from proxx.api.jobs.v1 import jobspec_pb2
from proxx.core.jobspec import JobSpecValidationError, parse_jobspec
from proxx.core.jobspec.parsing import spec_from_object, spec_from_text, upgrade_text
from proxx.core.naming import name_fault, naming_violations, parse_moment, template_violations
from proxx.core.violation import Violation
from proxx.rpc.jobspec_mapping import plain_to_spec, spec_to_plain
from proxx.rpc.mapping import from_message, to_message
from proxx.rpc.mapping_errors import MessageRefusedError
from proxx.rpc.unknown_fields import unknown_field_paths
from proxx.runtime.profile_files import builtin_library
from tests.fakes.specs import SEED_1_0_0, SEED_2_1
from tests.fuzzing.parsers.target import Form, Target, hold, shown, text_of
from tests.unit.rpc.pairs import PAIRS
from tests.unit.rpc.values import built

_LIBRARY = builtin_library()
_KINDS = tuple(PAIRS)
_FULL: dict[str, object] = {
    **SEED_2_1,
    "codec": "prores_proxy",
    "container": "mov",
    "proxy_profile": "proxy_prores_proxy",
    "naming_template": "{index}_{source_name}_{date}",
    "fps_mode": "explicit",
    "fps_explicit": 23.976,
    "job_id": "1a2b3c4d",
    "created_at": "2026-11-20T09:00:00+01:00",
    "user_metadata": {"project": "a"},
    "sources": ["/a/A001.mov", "/b/é.mxf"],
}


def _jobspec(data: bytes) -> None:
    text = text_of(data)
    try:
        parsed = parse_jobspec(text=text, library=_LIBRARY)
    except JobSpecValidationError as error:
        _sentences(error.violations)
    else:
        again = spec_from_text(text=parsed.spec.to_json())
        hold(again == parsed.spec, "a spec that is written and read again is another one")
        hold(upgrade_text(text=text, library=_LIBRARY) == parsed.spec.to_json(), "upgrade_text says something else")


def _sentences(violations: Sequence[Violation]) -> None:
    hold(bool(violations), "a refusal without a violation")
    for violation in violations:
        shown(violation.message)


def _message(data: bytes) -> None:
    try:
        message = jobspec_pb2.JobSpec.FromString(data)
    except DecodeError:
        return
    unknown_field_paths(message)
    try:
        spec = spec_from_object(data=spec_to_plain(message))
    except JobSpecValidationError as error:
        _sentences(error.violations)
        return
    written = jobspec_pb2.JobSpec()
    plain_to_spec(json.loads(spec.to_json()), written)
    hold(spec_from_object(data=spec_to_plain(written)) == spec, "a spec that went through a message is another one")


def _message_seeds() -> tuple[bytes, ...]:
    found = []
    for plain in (SEED_2_1, _FULL):
        message = jobspec_pb2.JobSpec()
        plain_to_spec(plain, message)
        found.append(message.SerializeToString(deterministic=True))
    return tuple(found)


def _mapping(data: bytes) -> None:
    """Read one message of any kind; the first byte says which."""
    if not data:
        return
    kind = _KINDS[data[0] % len(_KINDS)]
    try:
        message = PAIRS[kind].FromString(data[1:])
    except DecodeError:
        return
    unknown_field_paths(message)
    try:
        record = from_message(message, kind)
    except MessageRefusedError as error:
        shown(str(error))
        return
    written = to_message(record, PAIRS[kind])
    again = from_message(written, kind)
    hold(
        again == record or repr(again) == repr(record), f"a {kind.__name__} that went through a message is another one"
    )


def _mapping_seeds() -> tuple[bytes, ...]:
    return tuple(
        bytes([number]) + to_message(built(kind, full=full), PAIRS[kind]).SerializeToString(deterministic=True)
        for number, kind in enumerate(_KINDS)
        for full in (False, True)
    )


def _naming(data: bytes) -> None:
    """Read a template, a line with a time, and source paths on the lines after."""
    template, _, rest = text_of(data).partition("\n")
    moment, _, paths = rest.partition("\n")
    sources = paths.split("\n")[:20]
    for violation in template_violations(template=template, source_count=len(sources)):
        shown(violation.message)
    hold(isinstance(name_fault(name=template), str), "name_fault returns no text")
    with contextlib.suppress(ValueError):
        parse_moment(text=moment)
    spec = {**_FULL, "naming_template": template, "created_at": moment, "sources": sources}
    with contextlib.suppress(JobSpecValidationError):
        found = spec_from_object(data=spec)
        for violation in naming_violations(spec=found):
            shown(violation.message)


def _naming_seeds() -> tuple[bytes, ...]:
    return (
        b"{index}_{source_name}_{date}{time}\n2025-12-29T10:00:00Z\n/a/A001.mov\n/b/A001.mov",
        b"{source_name}.{source_ext}_{job_id}_{codec}_{resolution}\n2025-12-29T10:00:00.123+05:30\n/a/con.R3D\n/a/x_002.R3D",
    )


TARGETS = (
    Target(
        name="jobspec",
        look=_jobspec,
        seeds=lambda: tuple(json.dumps(spec).encode() for spec in (SEED_2_1, SEED_1_0_0, _FULL)),
        form=Form.JSON,
        words=("fps_explicit", "half", "same", "explicit", "1.0.0", "2.1"),
    ),
    Target(name="jobspec-message", look=_message, seeds=_message_seeds, form=Form.BYTES, longest=4096),
    Target(name="mapping", look=_mapping, seeds=_mapping_seeds, form=Form.BYTES, longest=4096),
    Target(
        name="naming",
        look=_naming,
        seeds=_naming_seeds,
        form=Form.TEXT,
        words=("{index}", "{source_name}", "{date}", "con", "lpt1", ".R3D", "\u2160", "ß", "ǰ"),
        longest=2048,
    ),
)
