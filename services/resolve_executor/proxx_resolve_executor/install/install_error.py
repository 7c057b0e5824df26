"""Why the executor cannot be installed."""


class InstallError(Exception):
    """The host, or what was asked, does not allow it. The message is a sentence with facts and what to do."""
