"""The one error of an invalid JobSpec."""

from proxx.core.violation import ViolationsError


class JobSpecValidationError(ViolationsError):
    """A JobSpec was refused; `violations` holds every broken rule at once."""
