"""A reader with a fault that chance alone does not find: the guided loop must."""

_PLACES = 4
_WANTED = range(0x50, 0x60)


class PlantedFaultError(Exception):
    """The fault."""


def look(data: bytes) -> None:
    """Fail for files whose second to fifth byte are all 50h to 5fh."""
    for place in range(1, 1 + _PLACES):
        if len(data) <= place or data[place] not in _WANTED:
            return
    raise PlantedFaultError("found")
