"""Whether a journal found on a disk can be put into the messages of the API: it was written by nobody knows whom."""

from proxx.api.executors.v1 import lease_pb2
from proxx.core.steps import Journal
from proxx.rpc.mapping import from_message, to_message


def can_be_reported(journal: Journal) -> bool:
    """Whether every value of a journal has a place in its message, and a scheduler reads the same from it."""
    try:
        return from_message(to_message(journal, lease_pb2.Journal), Journal) == journal
    except ValueError:  # UnmappableValueError, MessageRefusedError
        return False
