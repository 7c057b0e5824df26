"""Which display fits: bars on a terminal, lines elsewhere, nothing when asked for nothing."""

from proxx.cli.environment import Environment
from proxx.cli.lines import LineDisplay
from proxx.embedded.display import Display, SilentDisplay


def chosen_display(*, environment: Environment, progress: bool) -> Display:
    """Return the display for this terminal; the caller closes it."""
    if not progress:
        return SilentDisplay()
    if not environment.live:
        return LineDisplay()
    from proxx.cli.bars import BarDisplay  # rich: 60 ms that only a terminal pays

    return BarDisplay()
