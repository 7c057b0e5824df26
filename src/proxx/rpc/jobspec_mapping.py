"""jobs.v1.JobSpec to the plain object that the strict parser of core reads, and back."""

from collections.abc import Mapping, Sequence

from google.protobuf.message import Message

from proxx.rpc.mapping_errors import UnmappableValueError


def spec_to_plain(message: Message) -> dict[str, object]:
    """Return the fields that a JobSpec message states, as JSON values.

    An empty string of a field without presence, an empty list and an empty map count as absent, so that the parser
    reports a required one as missing. A whole `fps_explicit` is an int, as in the canonical form (protos/vectors).
    """
    plain: dict[str, object] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.has_presence:
            if message.HasField(field.name):
                plain[field.name] = int(value) if isinstance(value, float) and value.is_integer() else value
        elif field.message_type is not None:
            if value:
                plain[field.name] = dict(value)
        elif field.is_repeated:
            if value:
                plain[field.name] = list(value)
        elif value:
            plain[field.name] = value
    return plain


def plain_to_spec(plain: Mapping[str, object], message: Message) -> None:
    """Write a canonical JobSpec object into an empty JobSpec message. None counts as absent.

    Raises:
        UnmappableValueError: the object has a field that the message lacks, or a value of another type.
    """
    fields = message.DESCRIPTOR.fields_by_name
    for name, value in plain.items():
        field = fields.get(name)
        if field is None:
            raise UnmappableValueError(rule=f"{message.DESCRIPTOR.full_name} has no such field", path=name)
        if value is None:
            continue
        try:
            if field.message_type is not None:
                _write_map(value, message, name)
            elif field.is_repeated:
                _write_list(value, message, name)
            else:
                setattr(message, name, value)
        except (TypeError, ValueError) as error:
            raise UnmappableValueError(rule=str(error), path=name) from error


def _write_map(value: object, message: Message, name: str) -> None:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object of strings, got {type(value).__name__}")
    getattr(message, name).update(value)


def _write_list(value: object, message: Message, name: str) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"expected a list of strings, got {type(value).__name__}")
    getattr(message, name).extend(value)
