"""What the disk said, as a sentence for operators."""

from proxx.core.quoting import quote


def disk_sentence(error: OSError) -> str:
    """Return the system's own words and, where it names one, the path."""
    said = error.strerror or str(error)
    where = f": {quote(text=str(error.filename))}" if error.filename is not None else ""
    return f"the disk says {said}{where}"
