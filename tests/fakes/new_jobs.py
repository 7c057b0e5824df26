"""Jobs to store, built by hand."""

from datetime import UTC, datetime

from proxx.core.jobs import SubmissionOptions
from proxx.core.roots import RootPath
from proxx_scheduler.app.records import NewClip, NewJob, ProbeRange

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def a_new_job(*, key: str = "job-1", clips: int = 2, options: SubmissionOptions | None = None) -> NewJob:
    return NewJob(
        job_key=key,
        job_id="0000beef",
        request_id=f"request-of-{key}",
        body_digest="b" * 64,
        received_text="{}",
        received_digest="r" * 64,
        spec={"proxy_profile": "proxy_h264_low", "codec": "h264"},
        spec_digest="d" * 64,
        options=options or SubmissionOptions(),
        clips=tuple(
            NewClip(
                clip_index=index,
                source_path=f"/media/{key}/{index}.mov",
                source=RootPath(root="local", path=f"media/{key}/{index}.mov"),
                output_path=f"/out/{key}/{index}.mp4",
                output=RootPath(root="local", path=f"out/{key}/{index}.mp4"),
                tokens={"index": f"{index:03d}"},
            )
            for index in range(clips)
        ),
        probes=(ProbeRange(first=0, last=clips - 1),),
        submit_time=NOW,
    )
