"""What a source is: readers over bytes, the codec tables, the source matrix, routing, and the facts of a probe."""

from proxx.core.sources.byte_source import ByteSource
from proxx.core.sources.detect import detect
from proxx.core.sources.matrix import MatrixRow, matrix_rows
from proxx.core.sources.raw_matrix import RawRow, raw_rows
from proxx.core.sources.routing import check_profile_engine, rejection, route_job

__all__ = [
    "ByteSource",
    "MatrixRow",
    "RawRow",
    "check_profile_engine",
    "detect",
    "matrix_rows",
    "raw_rows",
    "rejection",
    "route_job",
]
