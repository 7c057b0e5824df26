"""Where things stand in a JobSpec folder: the two layouts (REQUIREMENTS.md C11, C12)."""

from dataclasses import dataclass

from proxx.core.jobs import JobState
from proxx.core.quoting import quote
from proxx_watcher.domain.folder_settings import Layout

INBOX = "pending"
SHOWN_CHARACTERS = 1000
"""More than a directory of ours and the longest name have: two names never look the same."""
MANIFEST = "processed_manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Directories relative to the folder, `` for the folder itself.

    `inbox` takes drops, `work` holds specs whose job goes on (the same as `inbox` where they stay), `good` and `bad`
    take them when it ended. Results lie beside the filed spec, or in `inbox` when `results_in_inbox`. `manifest` is the
    manifest's path, empty where the layout has none.
    """

    inbox: str
    work: str
    good: str
    bad: str
    results_in_inbox: bool
    manifest: str

    @property
    def moves_to_work(self) -> bool:
        """Whether a submitted spec leaves the inbox."""
        return self.work != self.inbox

    @property
    def directories(self) -> tuple[str, ...]:
        """The directories that the layout needs, the folder itself left out."""
        return tuple(dict.fromkeys(name for name in (self.inbox, self.work, self.good, self.bad) if name))

    def filed(self, *, outcome: JobState) -> str:
        """Return the directory of a spec whose job ended so: failed/ for all but COMPLETED (C8)."""
        return self.good if outcome is JobState.COMPLETED else self.bad

    def results(self, *, outcome: JobState) -> str:
        """Return the directory of the result of a job that ended so."""
        return self.inbox if self.results_in_inbox else self.filed(outcome=outcome)


STAGED = Places(inbox=INBOX, work="running", good="completed", bad="failed", results_in_inbox=False, manifest="")
FLAT = Places(inbox="", work="", good="processed", bad="failed", results_in_inbox=True, manifest=MANIFEST)


def places_of(*, layout: Layout) -> Places:
    """Return the places of a JobSpec layout.

    Raises:
        ValueError: it is no JobSpec layout.
    """
    known = {Layout.STAGED: STAGED, Layout.FLAT: FLAT}
    if layout not in known:
        raise ValueError(f"layout {layout.value} holds no JobSpecs; expected staged or flat")
    return known[layout]


def chosen_layout(*, layout: Layout, has_inbox: bool) -> Layout:
    """Return what AUTO means for a folder: staged where a pending/ directory stands, otherwise flat."""
    if layout is not Layout.AUTO:
        return layout
    return Layout.STAGED if has_inbox else Layout.FLAT


def shown_path(directory: str, name: str) -> str:
    """Return the path of a name in a directory for people: one line, whatever the name is made of."""
    return quote(text=below(directory, name), limit=SHOWN_CHARACTERS)[1:-1]


def below(directory: str, name: str) -> str:
    """Return the path of a name in a directory."""
    return f"{directory}/{name}" if directory else name
