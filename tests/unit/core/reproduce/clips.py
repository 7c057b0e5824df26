"""A clip that was made again, for tests."""

from proxx.core.reproduce import ClipReproduction, Outcome, Published, PublishedState


def reproduced(outcome: Outcome) -> ClipReproduction:
    """A clip with this outcome and nothing else to tell."""
    return ClipReproduction(
        clip_index=0,
        source_path="/footage/A001.mov",
        output_path="/proxies/A001_proxy.mov",
        outcome=outcome,
        reason="",
        recorded_sha256=None,
        remade_sha256=None,
        published=Published(state=PublishedState.NOT_LOOKED, sha256=None),
        differences=(),
        first_difference=None,
        kept_path=None,
    )
