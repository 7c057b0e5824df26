"""What a watcher process is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from proxx.core.jobs import SubmissionOptions
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """One folder and how it is watched. `name` is the folder's; `poll_seconds` None means file events as well."""

    folder: Path
    name: str
    state: Path
    layout: str = "auto"
    once: bool = False
    strict: bool = False
    wait_lock: bool = False
    poll_seconds: float | None = None
    max_workers: int = 1
    options: SubmissionOptions = field(default_factory=SubmissionOptions)
    print_json: bool = False
    log_format: str = "console"
    metrics: str = "off"


def watcher_argv(
    settings: WatchSettings, scheduler: str, *, python: str, security: ClientSecurity = OPEN_CLIENT
) -> list[str]:
    """Return the watcher's command line. `-P` keeps the working directory out of Python's module path.

    A token by itself never stands in it, only the file of one.
    """
    options = settings.options
    argv = [python, "-P", "-m", "proxx_watcher", "--scheduler", scheduler, "--state", str(settings.state)]
    argv += ["--folder-name", settings.name, "--layout", settings.layout, "--max-workers", str(settings.max_workers)]
    argv += ["--queue", options.queue, "--priority", str(options.priority)]
    argv += ["--failure-policy", options.failure_policy.value.lower().replace("_", "-")]
    argv += ["--collision-policy", options.collision_policy.value.lower()]
    argv += ["--max-parallel-clips", str(options.max_parallel_clips)]
    argv += ["--log-format", settings.log_format, "--metrics", settings.metrics]
    files = {
        "--tls-ca": security.tls_ca,
        "--tls-client-certificate": security.tls_client_certificate,
        "--tls-client-key": security.tls_client_key,
        "--token-file": security.token_file,
    }
    for flag, file in files.items():
        argv += [flag, str(file)] if file is not None else []
    if settings.poll_seconds is not None:
        argv += ["--poll-seconds", f"{settings.poll_seconds:g}"]
    flags = {
        "--once": settings.once,
        "--strict": settings.strict,
        "--wait-lock": settings.wait_lock,
        "--json": settings.print_json,
        "--create-output-directory": options.create_output_directory,
    }
    argv += [flag for flag, wanted in flags.items() if wanted]
    return [*argv, str(settings.folder)]  # absolute: never taken for a flag
