"""The record of what Resolve was told: each call with its result, bounded, without what only leads the way."""

NAVIGATION = frozenset(
    {
        "Resolve.GetProjectManager()",
        "ProjectManager.GetCurrentProject()",
        "ProjectManager.GotoRootFolder()",
        "Project.GetMediaPool()",
        "Project.GetName()",
        "MediaPool.GetRootFolder()",
    }
)
FOLDERS = "MediaPool.SetCurrentFolder("
POLLS = ("Project.IsRenderingInProgress(", "Project.GetRenderJobStatus(")
LINES = 1000
CHARACTERS = 128 * 1024
CUT = "… further calls are left out"


class CallLog:
    """Collects the calls of one piece of work. Of calls that only ask how far a render is, the last ones are kept."""

    def __init__(self) -> None:
        """Start empty."""
        self._lines: list[str] = []
        self._characters = 0
        self._polls: dict[str, str] = {}

    def clear(self) -> None:
        """Forget what was collected: another piece of work begins."""
        self._lines.clear()
        self._polls.clear()
        self._characters = 0

    def add(self, call: str, result: str) -> None:
        """Take one call that returned."""
        if (call in NAVIGATION or call.startswith(FOLDERS)) and result not in ("None", "False"):
            return
        line = f"{call} -> {result}"
        if call.startswith(POLLS):
            self._polls[call] = line
            return
        self._flush()
        self.note(line)

    def note(self, line: str) -> None:
        """Take a line that is no call."""
        if len(self._lines) >= LINES or self._characters + len(line) > CHARACTERS:
            if self._lines[-1:] != [CUT]:
                self._lines.append(CUT)
            return
        self._lines.append(line)
        self._characters += len(line)

    def lines(self) -> tuple[str, ...]:
        """Return what was collected, in order."""
        self._flush()
        return tuple(self._lines)

    def _flush(self) -> None:
        for line in self._polls.values():
            self.note(line)
        self._polls.clear()
