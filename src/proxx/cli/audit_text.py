"""What the audit commands print: heads and summaries, as text or JSON."""

from proxx.cli.exits import ExitCode
from proxx.cli.output import show, show_json
from proxx.cli.text import plural
from proxx.core.audit import AuditSummary, ChainSummary
from proxx.core.audit.fault import place_of
from proxx.core.plain import to_plain

SCHEMA_VERSION = "1.0"


def show_head(chain: ChainSummary, *, as_json: bool) -> None:
    """Print the head of one chain on a line."""
    if as_json:
        show_json({"head": to_plain(chain)}, lines=True)
    else:
        show(f"{chain.hash} {chain.job_sequence} {chain.job_key or '(scheduler)'}")


def show_summary(summary: AuditSummary, *, source: str, only: ChainSummary | None, as_json: bool, lines: bool) -> int:
    """Print what an audit came to and return the exit code. `only` is the chain when one was asked for."""
    if as_json:
        document = {"schema_version": SCHEMA_VERSION, "source": source, **to_plain(summary), "head": to_plain(only)}
        show_json(document, lines=lines)
    elif summary.fault is not None:
        show(f"NOT OK: {source}", *summary.fault.sentences)
    else:
        show(*summary_lines(summary, source=source, only=only))
    return ExitCode.OK if summary.ok else ExitCode.FAILED


def summary_lines(summary: AuditSummary, *, source: str, only: ChainSummary | None) -> list[str]:
    """Return the lines about a log that is as it was written."""
    records = plural(summary.records, "record")
    whence = f" after sequence {summary.after_sequence}" if summary.after_sequence else ""
    lines = [f"OK: {records} in {plural(summary.chains, 'chain')}{whence}, up to sequence {summary.until_sequence}"]
    lines[0] += f": {source}"
    if summary.after_sequence:
        lines.append(f"what came up to sequence {summary.after_sequence} was not looked at")
    if summary.retired:
        lines.append(
            f"{plural(summary.retired, 'older record')} retired: only an export of them could show what they said"
        )
    if only is not None:
        lines.append(f"head of {place_of(only.job_key)}: record {only.job_sequence}, {only.hash}")
    lines.append(f"digest of all heads: {summary.heads_digest}")
    if summary.kept_heads_compared:
        lines.append(f"{plural(summary.kept_heads_compared, 'head')} kept elsewhere: each is in its chain")
    if summary.kept_heads_retired:
        lines.append(
            f"{plural(summary.kept_heads_retired, 'head')} kept elsewhere belong to retired records: not compared"
        )
    if summary.kept_heads_unplaced:
        lines.append(
            f"{plural(summary.kept_heads_unplaced, 'head')} kept elsewhere are of no record that is left: not compared;"
            " only an export of the retired ones could show whether they are of those"
        )
    if summary.kept_heads_earlier:
        lines.append(
            f"{plural(summary.kept_heads_earlier, 'head')} kept elsewhere are of no record that was looked at:"
            f" not compared; they may be of records up to sequence {summary.after_sequence}"
        )
    return lines
