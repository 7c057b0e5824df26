"""Why the embedded processes could not do their work: facts of this machine, never of a JobSpec."""


class EmbeddedError(RuntimeError):
    """Something of the embedded run is wrong; the message names it."""


class ChildFailedError(EmbeddedError):
    """An embedded process did not become ready, or ended by itself."""


class DirectoryInUseError(EmbeddedError):
    """Another process works in this directory."""


class ToolMissingError(EmbeddedError):
    """A tool that every clip needs is not installed here."""


class UnknownRunError(EmbeddedError):
    """No kept run has this id."""
