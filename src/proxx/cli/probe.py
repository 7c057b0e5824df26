"""`proxx probe`: what files are, and which engine would take them."""

from collections.abc import Sequence
from pathlib import Path

import click

from proxx.cli.absolute import absolute_name
from proxx.cli.environment import environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import embedded_options, json_option, server_option, target
from proxx.cli.output import show, show_json
from proxx.core.jobs import ProbedPath
from proxx.core.metadata import MetadataReport, describe, report_lines
from proxx.core.plain import to_plain

_PATHS_A_CALL = 1000


@click.command("probe")
@click.argument("files", nargs=-1, required=True)
@click.option("--report", is_flag=True, help="Show each file in full: picture, sound, timecode, fitness, advice.")
@click.option("--timeout", type=float, default=600.0, show_default=True, help="Seconds for each thousand files.")
@server_option
@embedded_options
@json_option
@click.pass_context
def command(
    context: click.Context,
    files: tuple[str, ...],
    report: bool,
    timeout: float,
    server: str | None,
    profiles: Path | None,
    slots: int | None,
    source_matrix: int,
    as_json: bool,
) -> int:
    """Probe FILES: facts and routing decision; with --json one object a line, in the order given.

    A clip of several files (R3D parts, frames) is named by its folder or its first file.

    --report shows what an assistant editor asks first; the JSON has the same in `metadata`.

    Exit code 0 when every file goes to an engine and a job could take it, 1 otherwise. Relative paths are made
    absolute here.
    """
    from proxx.cli.remote import run_remote

    paths = [absolute_name(name) for name in files]
    environment = environment_of(context)
    place = target(server=server, profiles=profiles, slots=slots, source_matrix=source_matrix)
    routed = True

    async def ask() -> None:
        nonlocal routed
        async with environment.connect(place) as session:
            for start in range(0, len(paths), _PATHS_A_CALL):
                batch = paths[start : start + _PATHS_A_CALL]
                found = await session.client.probe_source(paths=batch, timeout_seconds=timeout)
                routed = _show(found, as_json=as_json, report=report) and routed

    run_remote(ask)
    return ExitCode.OK if routed else ExitCode.VALIDATION


def _show(found: Sequence[ProbedPath], *, as_json: bool, report: bool) -> bool:
    routed = True
    for item in found:
        document = probe_document(item)
        routed = document["engine"] is not None and not item.violations and routed
        if as_json:
            show_json(document, lines=True)
        elif report:
            show(*report_lines(probe_metadata(item)), "")
        else:
            engine = document["engine"] or "none"
            show(f"{document['path']}: {engine} ({document['reason']}) {document['detail']}")
            show(*([f"  files: {item.source_files}"] if item.source_files else []))
            if document["engine"] is not None:
                show(*(f"  refused: {violation.message}" for violation in item.violations))
    return routed


def probe_metadata(found: ProbedPath) -> MetadataReport:
    """Return the report of one probed path."""
    return describe(facts=found.facts, path=found.path, detection=found.detection, violations=found.violations)


def probe_document(found: ProbedPath) -> dict[str, object]:
    """Return one probed path as JSON values. The engine is where the file routes; `violations` say why a job that
    names it would be refused all the same (a header without pictures, an encrypted track)."""
    detection = found.detection
    first = found.violations[0] if found.violations else None
    if detection is not None:
        reason, detail, action = detection.reason.value, detection.detail, detection.action
    elif first is not None:
        reason, detail, action = first.code.value, first.message, ""
    else:
        reason, detail, action = "PROBE_FAILED", "the scheduler returned neither a decision nor a reason", ""
    return {
        "path": found.path,
        "engine": detection.engine.value if detection and detection.engine else None,
        "reason": reason,
        "detail": detail,
        "action": action or None,
        "container": detection.container if detection else None,
        "codec": detection.codec if detection else None,
        "sample_entry": detection.sample_entry if detection else None,
        "source_files": found.source_files or None,
        "violations": to_plain(found.violations),
        "facts": to_plain(found.facts),
        "metadata": to_plain(probe_metadata(found)),
    }
