"""GetAsset: the files of looks, by digest."""

import hashlib

import pytest

from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.rpc.executor_client import ExecutorClient
from proxx.rpc.executor_errors import AssetUnknownError
from tests.contract.refusal import refused
from tests.contract.world import LIBRARY, World, call
from tests.fakes.assets import FONT

BURNIN = LIBRARY.variant(of="proxy_h264_low", word="burnin")


async def test_every_file_of_a_look_is_served_to_whoever_asks_without_a_session(world: World) -> None:
    assert BURNIN is not None
    assert BURNIN.look is not None
    (asset,) = BURNIN.look.assets
    answer = await call(world.executors.GetAsset, pb.GetAssetRequest(sha256=asset.sha256))
    assert (answer.content, asset.size_bytes) == (FONT, len(FONT))
    assert hashlib.sha256(answer.content).hexdigest() == asset.sha256


async def test_what_no_look_needs_is_not_found(world: World) -> None:
    for sha256 in ("0" * 64, "", "../../etc/passwd", hashlib.sha256(FONT).hexdigest().upper()):
        refusal = await refused(call(world.executors.GetAsset, pb.GetAssetRequest(sha256=sha256)))
        assert (refusal.reason, refusal.metadata["sha256"]) == ("ASSET_NOT_FOUND", sha256[:64])


async def test_our_client_gets_the_bytes_or_its_own_error(world: World) -> None:
    async with ExecutorClient(world.address) as client:
        assert await client.get_asset(sha256=hashlib.sha256(FONT).hexdigest()) == FONT
        with pytest.raises(AssetUnknownError, match="0" * 64):
            await client.get_asset(sha256="0" * 64)


async def test_a_look_travels_whole_with_its_profile(world: World) -> None:
    assert await world.client.get_profile(name="proxy_h264_low_burnin") == BURNIN
