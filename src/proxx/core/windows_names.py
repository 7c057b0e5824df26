"""What Windows takes for a name. Source: Microsoft, "Naming Files, Paths, and Namespaces"."""

import unicodedata

FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that no name there may hold. A colon opens an alternate data stream, a question mark is a wildcard."""

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""Names of devices, whatever extension follows."""


def device_name(*, name: str) -> str:
    """Return the device that Windows opens in place of a file of this name; empty when none."""
    device = name.partition(".")[0].rstrip(" ").casefold()
    return device if device in RESERVED else ""


def component_fault(*, name: str) -> str:
    """Return what makes `name` no component of a Windows path, as a clause behind "which has"; empty when nothing."""
    for character in name:
        if character in FORBIDDEN or unicodedata.category(character) == "Cc":
            if character == ":":
                return 'a ":" behind its drive; a name with one is a data stream of another file'
            return f'"{character}" in a name, which Windows forbids'
    if name.endswith((".", " ")):
        return "a name that ends with a dot or a space, which Windows drops"
    device = device_name(name=name)
    return f'the device name "{device}"' if device else ""


def upper_name(*, name: str) -> str:
    """Return a name in the form in which Windows compares it: each character by its single upper-case one."""
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in name)
