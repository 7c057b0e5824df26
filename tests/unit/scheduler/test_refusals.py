"""What use cases raise is answered as what is known of the call."""

import pytest

from proxx.rpc.errors import CallError, OutcomeUnknownError, RefusedCallError
from proxx_scheduler.app.ports import StoreError, StoreOutcomeUnknownError
from proxx_scheduler.transport.refusals import refusing


def answered(error: Exception) -> CallError:
    with pytest.raises(CallError) as caught, refusing():
        raise error
    return caught.value


def test_a_write_that_left_nothing_is_refused_and_one_whose_outcome_is_unknown_is_called_so() -> None:
    refused = answered(StoreError("the disk is full"))
    unknown = answered(StoreOutcomeUnknownError("the commit was cut"))
    assert isinstance(refused, RefusedCallError)
    assert (refused.reason, refused.message) == ("STORE_UNAVAILABLE", "the disk is full")
    assert (type(unknown), str(unknown)) == (OutcomeUnknownError, "the commit was cut")
