"""`proxx reproduce`: make the clips of a result again and compare the bytes."""

from pathlib import Path

import click

from proxx.cli.environment import environment_of
from proxx.cli.options import embedded_options, json_option, target


@click.command("reproduce")
@click.argument("result")
@click.option(
    "--clip", "clips", type=click.IntRange(0), multiple=True, metavar="N", help="Only this clip_index; repeatable."
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Leave the remade files in DIR, which is new or empty.",
)
@embedded_options
@json_option
@click.pass_context
def command(
    context: click.Context,
    result: str,
    clips: tuple[int, ...],
    keep: Path | None,
    profiles: Path | None,
    slots: int | None,
    source_matrix: int,
    as_json: bool,
) -> int:
    """Make the published clips of RESULT (a result JSON, or - for stdin) again in a scratch place and compare digests.

    What differs here from what was recorded (profile, plan, source, FFmpeg, libraries) is said first. A clip that comes
    out different is compared with the published file, packet by packet, then picture by picture.

    \b
    Exit codes: 0 every clip is EQUAL, 2 some are DIFFERENT, 1 some are IMPOSSIBLE or RESULT is no result JSON,
    4 system error, 64 usage, 130 interrupted.
    """
    from proxx.cli.reproduce_command import ReproduceCommand

    reproducing = ReproduceCommand(
        environment=environment_of(context),
        target=target(server=None, profiles=profiles, slots=slots, source_matrix=source_matrix),
        result_file=result,
        wanted=tuple(dict.fromkeys(clips)),
        keep=keep.absolute() if keep is not None else None,
        as_json=as_json,
    )
    return reproducing.run()
