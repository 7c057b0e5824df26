"""What calls of the API returned, from the record of calls: some builds say None where others say True. Pure."""

from collections.abc import Iterable

MUTE = frozenset(
    {
        "SetSetting",
        "SetRenderSettings",
        "SetCurrentRenderFormatAndCodec",
        "SetCurrentRenderMode",
        "LoadRenderPreset",
        "DeleteRenderPreset",
        "ImportRenderPreset",
        "ExportRenderPreset",
        "StartRendering",
        "DeleteRenderJob",
        "SaveProject",
        "CloseProject",
        "SetCurrentFolder",
    }
)
"""Calls of a render whose result is True or None when they worked."""

_VALUES: dict[str, bool | None] = {"True": True, "None": None}


def call_returns(*, calls: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return, by method, what each call of `MUTE` returned last. False is left out: the call did not work.

    Each call is as it is recorded, `Project.SetSetting("a", "b")`, with its result as text.
    """
    returns: dict[str, object] = {}
    for call, result in calls:
        method = call.partition("(")[0].rpartition(".")[2]
        if method in MUTE and result in _VALUES:
            returns[method] = _VALUES[result]
    return returns
