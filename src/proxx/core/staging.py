"""Where an attempt stages its output: a name that only this attempt can have, beside the final path.

Scheduler and executor derive the same name, so that a SWEEP can name what a dead attempt may have left.
"""

from proxx.core.roots import RootPath

STAGING_DIRECTORY = ".proxx"
JOURNAL_SUFFIX = ".json"
WITNESS_SUFFIX = ".witness"
QUARANTINE_SUFFIX = ".replaced"
RENDER_SUFFIX = ".render"
"""How the name of the directory ends into which an engine renders that must not be given the staged name itself."""


def staged_path(
    *, output: RootPath, job_id: str, clip_index: int, step_id: str, epoch: int, incarnation: str
) -> RootPath:
    """Return the staged path of one attempt: in the hidden directory beside `output`, with its extension."""
    extension = output.name.rpartition(".")[2]
    name = f"{job_id}.{clip_index:05d}.{step_id[:8]}.{epoch}.{incarnation[:8]}.{extension}"
    return output.parent().child(STAGING_DIRECTORY).child(name)


def journal_path(*, staged: RootPath) -> RootPath:
    """Return where the journal of a staged file lies."""
    return RootPath(root=staged.root, path=staged.path + JOURNAL_SUFFIX)


def quarantine_directory(*, staged: RootPath) -> RootPath:
    """Return the directory of one attempt into which it moves the file that its proxy replaces."""
    return RootPath(root=staged.root, path=staged.path + QUARANTINE_SUFFIX)


def quarantine_path(*, staged: RootPath, output: RootPath) -> RootPath:
    """Return where the file that stands at `output` lies after an attempt moved it aside, under its own name."""
    return quarantine_directory(staged=staged).child(output.name)
