"""The forms in which a job is reported."""

from enum import StrEnum


class ReportFormat(StrEnum):
    """One form of report; the word is also the extension of its file."""

    JSON = "json"
    CSV = "csv"
    TXT = "txt"
