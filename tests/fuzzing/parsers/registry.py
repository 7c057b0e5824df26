"""Every target by name. A module is imported when one of its targets is asked for."""

from importlib import import_module

from tests.fuzzing.parsers.target import Target

MODULES: dict[str, tuple[str, ...]] = {
    "specs": ("jobspec", "jobspec-message", "mapping", "naming"),
    "texts": ("timecode", "preset", "profile", "cube", "truetype", "png"),
    "media": ("sources", "file-end", "camera-xml", "units", "ffprobe", "ffprobe-lines"),
    "records": ("journal", "audit-export", "result", "ledger", "ledger-signed", "manifest"),
    "credentials": ("access", "call-metadata"),
    "lists": ("checksums", "media-settings", "paths", "addresses"),
    "tools": ("tool-lines", "elf", "resolve-wire", "resolve-answers", "plist"),
}
NAMES = tuple(name for names in MODULES.values() for name in names)


def target(name: str) -> Target:
    """Return the target of this name.

    Raises:
        KeyError: there is none.
    """
    for module, names in MODULES.items():
        if name in names:
            targets: tuple[Target, ...] = import_module(f"tests.fuzzing.parsers.{module}").TARGETS
            return {item.name: item for item in targets}[name]
    raise KeyError(name)
