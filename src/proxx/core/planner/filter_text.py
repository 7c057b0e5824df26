"""Text inside FFmpeg's filter descriptions: escaped so that it is read back exactly as it was.

Source: ffmpeg-filters(1), "Notes on filtergraph escaping": the value of an option is unescaped first by the graph's
parser, then by the filter's; both also trim white space at its ends.
"""

_SPACE = " \t\r\n"
_OF_THE_VALUE = "\\':"
_OF_THE_GRAPH = "\\'[],;"


def escape_filter_value(text: str) -> str:
    """Return `text` as the value of a filter's option, to stand in a filter description."""
    return _escape(_escape(text, _OF_THE_VALUE), _OF_THE_GRAPH)


def _escape(text: str, special: str) -> str:
    first = len(text) - len(text.lstrip(_SPACE))
    last = len(text.rstrip(_SPACE))
    return "".join(
        f"\\{character}" if character in special or (character in _SPACE and not first <= place < last) else character
        for place, character in enumerate(text)
    )
