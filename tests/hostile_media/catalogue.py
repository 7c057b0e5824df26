"""Every hostile case, in a fixed order."""

from tests.hostile_media.bombs import bomb_cases
from tests.hostile_media.bombs_inside import inner_bomb_cases
from tests.hostile_media.case import HostileCase
from tests.hostile_media.inside import inside_cases
from tests.hostile_media.kinds import kind_cases
from tests.hostile_media.names import name_cases
from tests.hostile_media.playlists import polyglot_cases, script_cases


def catalogue() -> tuple[HostileCase, ...]:
    """All of them, each name of a group once."""
    return (
        *script_cases(short=False),
        *polyglot_cases(),
        *inside_cases(),
        *kind_cases(),
        *name_cases(short=False),
        *bomb_cases(heavy=True),
        *inner_bomb_cases(heavy=True),
    )
