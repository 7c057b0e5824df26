"""The metadata engine: what a file is, whether it edits well, and which proxy suits it."""

from proxx.core.metadata.describe import describe
from proxx.core.metadata.report import MetadataReport
from proxx.core.metadata.text import report_lines

__all__ = ["MetadataReport", "describe", "report_lines"]
