"""A plan's command with real paths in it: a host's own, or the submitter's spelling. Pure."""

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import PurePath
from types import MappingProxyType
from typing import TypeVar

from proxx.core.plan import ASSET_PLACEHOLDER, OUTPUT_PLACEHOLDER, SOURCE_PLACEHOLDER, WITNESS_PLACEHOLDER
from proxx.core.planner.filter_text import escape_filter_value
from proxx.core.staging import WITNESS_SUFFIX

Where = TypeVar("Where", bound=PurePath)

FILE_PROTOCOL = "file:"
FILTER_OPTION = "-filter"
"""How every option begins whose value describes filters."""

TEE = "tee"
"""FFmpeg's muxer that writes to several; the word after it names them."""

_KEPT = re.escape(WITNESS_PLACEHOLDER) + r"-([a-z]+(?:\.\d+)?)"
_WITNESS = re.compile(FILE_PROTOCOL + _KEPT)
_IN_TEE = re.compile(f"{FILE_PROTOCOL}(?:{re.escape(OUTPUT_PLACEHOLDER)}|{_KEPT})")
_PLAIN = re.compile(r"[A-Za-z0-9_./-]")

NO_ASSETS: Mapping[str, PurePath] = MappingProxyType({})


def fill_placeholders(
    *,
    argv: tuple[str, ...],
    tool: str,
    source: PurePath,
    output: PurePath,
    assets: Mapping[str, PurePath] = NO_ASSETS,
) -> tuple[str, ...]:
    """Return the command to run: `tool` in place of its first word, local paths in place of the placeholders.

    Only an argument that is a placeholder and nothing else, `file:` before it apart, is replaced: metadata of a
    stranger's file may hold the same characters. A path always gets `file:`, so that its name is never a protocol.
    The files of a look (`assets`, by sha256) stand inside descriptions of filters, where the planner escapes every
    stranger's text: no placeholder can come from one. Their paths are escaped for that place. So are those in the word
    after `tee`, which is the planner's own. The files of the witness lie beside the output.

    Raises:
        KeyError: the command needs a look's file that is not given.
    """
    paths = {SOURCE_PLACEHOLDER: source, OUTPUT_PLACEHOLDER: output}

    def teed(match: re.Match[str]) -> str:
        return _escaped(f"{FILE_PROTOCOL}{witness_file(output, match[1]) if match[1] else output}")

    def local(match: re.Match[str]) -> str:
        return escape_filter_value(str(assets[match[1]]))

    words = [tool]
    for option, argument in pairwise(argv):
        path = paths.get(argument.removeprefix(FILE_PROTOCOL))
        kept = _WITNESS.fullmatch(argument)
        if path is not None:
            words.append(f"{FILE_PROTOCOL}{path}")
        elif kept is not None:
            words.append(f"{FILE_PROTOCOL}{witness_file(output, kept[1])}")
        elif option == TEE:
            words.append(_IN_TEE.sub(teed, argument))
        elif option.startswith(FILTER_OPTION):
            words.append(ASSET_PLACEHOLDER.sub(local, argument))
        else:
            words.append(argument)
    return tuple(words)


def witness_file(output: Where, name: str) -> Where:
    """Return where a file of the witness of `output` lies."""
    return output.with_name(f"{output.name}{WITNESS_SUFFIX}-{name}")


def _escaped(path: str) -> str:
    """Return a name as it stands in tee's word (libavutil's av_get_token): every other character has a backslash."""
    return "".join(character if _PLAIN.match(character) else f"\\{character}" for character in path)
