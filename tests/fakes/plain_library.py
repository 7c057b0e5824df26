"""The shipped profiles without their witness, so that a plan's command holds the encode alone."""

from dataclasses import replace

from proxx.core.profile_library import ProfileLibrary
from proxx.runtime.profile_files import builtin_library


def plain_library() -> ProfileLibrary:
    """Return every shipped profile without a look, with `witness` off."""
    shipped = (profile for profile in builtin_library().profiles if profile.look is None)
    return ProfileLibrary(tuple(replace(profile, witness=False) for profile in shipped))
