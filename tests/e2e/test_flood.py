"""The short form of `make flood`: rude clients on a real scheduler, and the leases that its executors keep."""

import asyncio
from pathlib import Path

import pytest

from bench.flood.attacks import ATTACKS
from bench.flood.campaign import Scale, run

NAMES = ("rapid reset, 32 connections", "garbage, 32 connections")


@pytest.mark.timeout(110)
def test_no_lease_is_lost_while_rude_clients_flood_the_scheduler(tmp_path: Path) -> None:
    attacks = [attack for attack in ATTACKS if attack.name in NAMES]
    scale = Scale(executors=2, slots=2, seconds=1.0, lease_seconds=12.0, encodes=0)
    outcomes = asyncio.run(run(attacks=attacks, scale=scale, directory=tmp_path, h2load=""))
    assert [(outcome.name, outcome.lost) for outcome in outcomes] == [("nothing", 0), *((name, 0) for name in NAMES)]
