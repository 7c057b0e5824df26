"""Comparisons of the file: container, codec, wrapping, reel name, names and folders."""

from collections.abc import Callable

from proxx.core.quoting import quote
from proxx.core.relink.pair import Pair
from proxx.core.relink.rule import Comparison

PROXY_FOLDER = "Proxy"
PROXY_SUFFIX = "_Proxy"


def container_in(containers: tuple[str, ...]) -> Callable[[Pair], Comparison]:
    """Return the comparison of the proxy's container with those named."""

    def compare(pair: Pair) -> Comparison:
        found = pair.proxy.container
        return Comparison(holds=found in containers, expected=", ".join(containers), actual=found)

    return compare


def codec_in(codecs: tuple[str, ...]) -> Callable[[Pair], Comparison]:
    """Return the comparison of the proxy's codec with those named."""

    def compare(pair: Pair) -> Comparison:
        found = pair.proxy_video.codec
        return Comparison(holds=found in codecs, expected=", ".join(codecs), actual=found)

    return compare


def op_atom(pair: Pair) -> Comparison | None:
    """MXF with one track in the file, as OP-Atom has it. The pattern itself is not measured."""
    if pair.proxy.container != "mxf":
        return None
    tracks = len(pair.proxy.audio)
    if tracks:
        sound = "1 audio track" if tracks == 1 else f"{tracks} audio tracks"
        return Comparison(holds=False, expected="OP-Atom, one track a file", actual=f"picture and {sound} in one file")
    return Comparison(
        holds=None, expected="OP-Atom, one track a file", actual="picture alone; the operational pattern is not read"
    )


def reel_name(pair: Pair) -> Comparison | None:
    """The source's reel name, character by character."""
    source, proxy = pair.source.reel_name, pair.proxy.reel_name
    if source is None:
        return None
    return Comparison(
        holds=source == proxy, expected=quote(text=source), actual="none" if proxy is None else quote(text=proxy)
    )


def proxy_folder(pair: Pair) -> Comparison:
    """The source's stem, in a folder `Proxy` beside the source. Says no path: a result is the same in any folder."""
    wanted, found = pair.source_path.stem, pair.output_path.stem
    there = pair.output_path.parent == pair.source_path.parent / PROXY_FOLDER
    return Comparison(
        holds=there and wanted == found,
        expected=f"{quote(text=wanted)} in a folder {PROXY_FOLDER} beside the source",
        actual=f"{quote(text=found)} in {'that' if there else 'another'} folder",
    )


def proxy_suffix(pair: Pair) -> Comparison:
    """The source's stem and `_Proxy`."""
    wanted, found = pair.source_path.stem + PROXY_SUFFIX, pair.output_path.stem
    return Comparison(holds=wanted == found, expected=quote(text=wanted), actual=quote(text=found))


def source_stem(pair: Pair) -> Comparison:
    """The source's stem, at the beginning of the proxy's."""
    wanted, found = pair.source_path.stem, pair.output_path.stem
    return Comparison(
        holds=found.startswith(wanted), expected=f"begins with {quote(text=wanted)}", actual=quote(text=found)
    )
