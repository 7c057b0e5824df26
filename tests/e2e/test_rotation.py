"""No lease is lost and no call fails while every certificate, authority and token of a site is replaced."""

from pathlib import Path

import pytest

from tests.rotation.campaign import LEASES_EACH, Rotation

pytestmark = pytest.mark.process


async def test_no_lease_and_no_call_is_lost_while_certificates_authority_and_token_are_replaced(tmp_path: Path) -> None:
    outcome = await Rotation(tmp_path, executors=2).run(seconds=100, every=0, rotations=1)
    assert (outcome.failed, outcome.lost, outcome.end) == ([], [], "COMPLETED")
    assert (outcome.rotations, outcome.authorities, outcome.leases) == (1, 1, 2 * LEASES_EACH)
    assert min(outcome.calls, outcome.renewals, outcome.updates) > 0
