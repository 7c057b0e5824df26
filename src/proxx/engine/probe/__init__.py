"""Probing one source: its bytes, its identity, and ffprobe as a witness in its sandbox."""

from proxx.engine.probe.probe_source import probe_source

__all__ = ["probe_source"]
