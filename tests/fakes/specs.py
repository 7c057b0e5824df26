"""JobSpecs for tests: the two that the source documents print, and variations of them."""

import json

SEED_2_1: dict[str, object] = {
    "jobspec_version": "2.1",
    "sources": ["/path/to/source.mp4"],
    "output_directory": "/output",
    "codec": "h264",
    "container": "mp4",
    "resolution": "half",
    "naming_template": "{source_name}_proxy",
    "proxy_profile": "proxy_h264_low",
}

SEED_1_0_0: dict[str, object] = {
    "jobspec_version": "1.0.0",
    "created_at": "2025-12-29T10:00:00Z",
    "sources": ["/path/to/source1.mov", "/path/to/source2.mov"],
    "output_dir": "/path/to/outputs",
    "output_name_template": "{source_name}_proxy",
    "codec": "h264",
    "container": "mp4",
    "fps_mode": "preserve_source",
    "proxy_profile": "offline_h264_1920x1080",
    "user_metadata": {"project": "Example Project", "operator": "jane.doe"},
}


def text_of(base: dict[str, object], *, without: tuple[str, ...] = (), **changes: object) -> str:
    """Return `base` with changes as JSON text."""
    return json.dumps({name: value for name, value in {**base, **changes}.items() if name not in without})
