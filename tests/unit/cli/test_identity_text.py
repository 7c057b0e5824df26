"""What people are shown of who did what: whose a job is, and who was denied what."""

import json

import pytest

from proxx.cli.event_text import event_note
from proxx.cli.render import job_lines
from proxx.core.jobs import JobEvent
from tests.unit.cli import samples

LAST = "2026-11-20T09:00:07.000000+00:00"


@pytest.mark.parametrize(("owner", "ending"), [("mam-west", " by mam-west"), ("", "")], ids=["known", "nobody asked"])
def test_a_job_says_who_submitted_it(owner: str, ending: str) -> None:
    view = samples.job(submitted_by=owner)
    (line,) = [line for line in job_lines(view=view, clips=()) if line.startswith("submitted")]
    assert line == f"submitted {view.submit_time.isoformat()}{ending}"


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (
            {"count": 3, "last": LAST, "method": "/a.B/C", "peer": "network", "reason": "TOKEN_UNKNOWN"},
            f"TOKEN_UNKNOWN /a.B/C from network, 3 calls, the last at {LAST}",
        ),
        ({"count": 1, "last": LAST, "kinds": "others"}, f"other kinds, 1 call, the last at {LAST}"),
    ],
    ids=["one kind", "the rest"],
)
def test_a_denied_call_says_why_and_how_often(data: dict[str, object], note: str) -> None:
    event = samples.job_event("", before="")
    denied = JobEvent(
        **{
            **{name: getattr(event, name) for name in JobEvent.__dataclass_fields__},
            "kind": "access.denied",
            "data_json": json.dumps(data),
        }
    )
    assert event_note(denied) == note
