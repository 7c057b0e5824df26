"""JobSpecs for real runs, among them the two that the source documents print."""

from collections.abc import Iterable
from pathlib import Path


def proxy_spec(*, sources: Iterable[Path | str], output: Path, **changes: object) -> dict[str, object]:
    """A JobSpec "2.1" for small H.264 proxies, with changes."""
    base: dict[str, object] = {
        "jobspec_version": "2.1",
        "sources": [str(source) for source in sources],
        "output_directory": str(output),
        "codec": "h264",
        "container": "mp4",
        "resolution": "half",
        "naming_template": "{source_name}_proxy",
        "proxy_profile": "proxy_h264_low",
    }
    return {**base, **changes}


PRORES: dict[str, object] = {"codec": "prores_proxy", "container": "mov", "proxy_profile": "proxy_prores_proxy"}

SEED_001 = """{
  "jobspec_version": "1.0.0",
  "created_at": "2025-12-29T10:00:00Z",
  "sources": ["/path/to/source1.mov", "/path/to/source2.mov"],
  "output_dir": "/path/to/outputs",
  "output_name_template": "{source_name}_proxy",
  "codec": "h264",
  "container": "mp4",
  "fps_mode": "preserve_source",
  "proxy_profile": "offline_h264_1920x1080",
  "user_metadata": {
    "project": "Example Project",
    "operator": "jane.doe"
  }
}
"""

SEED_004 = """{
  "jobspec_version": "2.1",
  "sources": ["/path/to/source.mp4"],
  "output_directory": "/output",
  "codec": "h264",
  "container": "mp4",
  "resolution": "half",
  "naming_template": "{source_name}_proxy",
  "proxy_profile": "proxy_h264_low"
}
"""
