"""A map of text that never changes, and that copies, pickles and prints like a dict."""

from typing import NoReturn


class FrozenMap(dict[str, str]):
    """A dict without its verbs of change. (A mappingproxy cannot be copied, pickled or written as JSON.)"""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a JobSpec never changes")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """Equal maps have equal hashes."""
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type["FrozenMap"], tuple[dict[str, str]]]:
        """Copy and pickle through a plain dict."""
        return FrozenMap, (dict(self),)
