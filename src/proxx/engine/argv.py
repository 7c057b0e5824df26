"""A plan's argv with this host's paths in it."""

from pathlib import Path

from proxx.core.plan import OUTPUT_PLACEHOLDER, SOURCE_PLACEHOLDER

FILE_PROTOCOL = "file:"


def fill_placeholders(*, argv: tuple[str, ...], tool: str, source: Path, output: Path) -> tuple[str, ...]:
    """Return the command to run: `tool` in place of its first word, local paths in place of the placeholders.

    Only an argument that is a placeholder and nothing else, `file:` before it apart, is replaced: metadata of a
    stranger's file may hold the same characters. A path always gets `file:`, so that its name is never a protocol.
    """
    paths = {SOURCE_PLACEHOLDER: source, OUTPUT_PLACEHOLDER: output}
    return (
        tool,
        *(
            f"{FILE_PROTOCOL}{path}"
            if (path := paths.get(argument.removeprefix(FILE_PROTOCOL))) is not None
            else argument
            for argument in argv[1:]
        ),
    )
