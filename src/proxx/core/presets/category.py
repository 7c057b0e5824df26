"""The nine concerns of a preset (seed 000), and the word for the preset that refers to all of them."""

from enum import StrEnum


class Category(StrEnum):
    """One concern of a job. Part of the contract."""

    CODEC = "CODEC"
    SCALING = "SCALING"
    WATERMARK = "WATERMARK"
    NAMING = "NAMING"
    FOLDER_OUTPUT = "FOLDER_OUTPUT"
    EXCLUSIONS = "EXCLUSIONS"
    DUPLICATES = "DUPLICATES"
    QUEUE = "QUEUE"
    REPORTING = "REPORTING"


GLOBAL = "GLOBAL"
"""The kind of a preset that refers to one preset of each category. It is no category: nothing can refer to it."""

SUFFIX = ".toml"


def file_name(*, kind: str, preset_id: str) -> str:
    """Return the one name that the file of a preset has: `codec.prores_proxy_mov.toml`, `global.web_h264.toml`."""
    return f"{kind.lower()}.{preset_id}{SUFFIX}"
