"""Quirks of the host: which Resolve it is, loading its module, starting it, and calls that fail in general."""

from tests.resolve.quirk_case import Ending, QuirkCase
from tests.resolve_simulator.quirks import Quirks

_AGAIN = {"resolve_restarts": 1000}
"""As many starts as it takes: the limit has a case of its own."""

HOST_QUIRKS: tuple[QuirkCase, ...] = (
    QuirkCase(
        name="none: a healthy Studio on Linux",
        quirks=Quirks(),
        does="inspects, renders, verifies, publishes",
    ),
    QuirkCase(
        name="macOS tables of formats and codecs", quirks=Quirks(platform="darwin"), does="lists what this host encodes"
    ),
    QuirkCase(
        name="Windows tables of formats and codecs",
        quirks=Quirks(platform="windows"),
        does="lists what this host encodes",
    ),
    QuirkCase(
        name="version 19.1.3, with other descriptions of codecs",
        quirks=Quirks(version="19.1.3.7"),
        does="goes by ids, never by descriptions",
    ),
    QuirkCase(
        name="free edition",
        quirks=Quirks(edition="free"),
        does="says so and ends with exit code 4",
        ending=Ending.STOPS,
        says="is the free edition",
    ),
    QuirkCase(
        name="free edition that refuses other calls",
        quirks=Quirks(edition="free", gated_calls=("GetProjectManager",)),
        does="says so and ends with exit code 4",
        ending=Ending.STOPS,
        says="is the free edition",
    ),
    QuirkCase(
        name="Japanese user interface",
        quirks=Quirks(language="ja"),
        does="decides nothing by words of status or values of clips",
    ),
    QuirkCase(name="Italian user interface", quirks=Quirks(language="it"), does="as before"),
    QuirkCase(
        name="the import of the module blocks",
        quirks=Quirks(import_blocks=True),
        does="ends the child at its deadline, ends Resolve, starts it again, and tries until it works",
        ending=Ending.WAITS,
        kind="NO_EXECUTOR",
        says="did not return within",
        recovers=True,
        settings=_AGAIN,
    ),
    QuirkCase(
        name="the module needs an older Python",
        quirks=Quirks(import_raises=True),
        does="names the error and the Python, and ends with exit code 4",
        ending=Ending.STOPS,
        says="cannot be imported",
    ),
    QuirkCase(
        name="the module crashes its Python",
        quirks=Quirks(import_crashes=True),
        does="only the child dies; names the signal and the Python, and ends with exit code 4",
        ending=Ending.STOPS,
        says="was ended by signal",
    ),
    QuirkCase(
        name="scriptapp gives None",
        quirks=Quirks(scriptapp_none=True),
        does="waits for an answer, names the preference, and ends with exit code 4",
        ending=Ending.STOPS,
        says="External scripting using",
        settings={"resolve_start_seconds": 2.0},
    ),
    QuirkCase(
        name="scriptapp never returns",
        quirks=Quirks(scriptapp_hangs=True),
        does="ends child and Resolve at the deadline, and tries until it works",
        ending=Ending.WAITS,
        kind="NO_EXECUTOR",
        says="did not return within",
        recovers=True,
        settings={**_AGAIN, "resolve_start_seconds": 2.0},
    ),
    QuirkCase(
        name="scripting preference: Network", quirks=Quirks(scripting="network"), does="scripts this host by its name"
    ),
    QuirkCase(
        name="scripting preference: None",
        quirks=Quirks(scripting="none"),
        does="names the preference, and ends with exit code 4",
        ending=Ending.STOPS,
        says="External scripting using",
        settings={"resolve_start_seconds": 2.0},
    ),
    QuirkCase(
        name="slow start",
        quirks=Quirks(start_seconds=1.0),
        does="waits until it answers",
    ),
    QuirkCase(
        name="answers before its database is there",
        quirks=Quirks(ready_seconds=1.0),
        does="waits until it is ready, not only until it answers",
    ),
    QuirkCase(
        name="a start that never listens",
        quirks=Quirks(start_hangs=True),
        does="names the preference that most often is the cause, and ends with exit code 4",
        ending=Ending.STOPS,
        says="External scripting using",
        settings={"resolve_start_seconds": 2.0},
    ),
    QuirkCase(
        name="a start that ends at once",
        quirks=Quirks(start_exits=3),
        does="tries again, at most so many times within the window",
        ending=Ending.WAITS,
        kind="NO_EXECUTOR",
        says="and did not stay; the next start is allowed in",
        settings={"resolve_restarts": 2},
    ),
    QuirkCase(
        name="wedged at every start",
        quirks=Quirks(wedged=True),
        does="restarts it, at most so many times within the window",
        ending=Ending.WAITS,
        kind="NO_EXECUTOR",
        says="the next start is allowed in",
        settings={"resolve_restarts": 1, "resolve_answer_seconds": 0.5},
    ),
    QuirkCase(
        name="wedged at the first start",
        quirks=Quirks(wedged_starts=1),
        does="restarts it",
        settings={"resolve_answer_seconds": 0.5},
    ),
    QuirkCase(
        name="wedged and slow after a kill",
        quirks=Quirks(wedge_after_kill=True, start_after_kill_seconds=0.3, hang_calls=("ImportMedia",)),
        once=True,
        does="hands the lease back, restarts Resolve twice, and does the step then",
        settings={"resolve_answer_seconds": 0.5},
    ),
    QuirkCase(
        name="wedged when its client dies",
        quirks=Quirks(client_death_wedges=True, render_seconds=0.3),
        does="its client lives as long as the render",
    ),
    QuirkCase(
        name="does not quit",
        quirks=Quirks(quit_ignored=True, hang_calls=("ImportMedia",)),
        once=True,
        does="asks, then ends the process, and starts it again",
    ),
    QuirkCase(
        name="quits slowly",
        quirks=Quirks(quit_seconds=0.5, hang_calls=("ImportMedia",)),
        once=True,
        does="waits until it is gone before it starts another",
    ),
    QuirkCase(
        name="calls on a Resolve that is gone hang",
        quirks=Quirks(dead_call="hang", crash_calls=("SetRenderSettings",)),
        once=True,
        does="hands the lease back at the deadline, restarts Resolve, and does the step then",
    ),
    QuirkCase(
        name="the import of a clip hangs, once",
        quirks=Quirks(hang_calls=("ImportMedia",)),
        once=True,
        does="ends child and Resolve, hands the lease back, and does the step with the next Resolve",
        short=True,
    ),
    QuirkCase(
        name="the import of a clip hangs every time",
        quirks=Quirks(hang_calls=("ImportMedia",)),
        does="hands the lease back once; the second time it is the clip's",
        ending=Ending.REJECTED,
        says="did not return within",
    ),
    QuirkCase(
        name="a dialog: media at another rate than the project",
        quirks=Quirks(import_prompts=True),
        does="a call that wants a dialog hangs; inspecting sets no rate before it knows the clip's",
        ending=Ending.REJECTED,
        says="did not return within",
    ),
    QuirkCase(
        name="StartRendering hangs every time",
        quirks=Quirks(hang_calls=("StartRendering",)),
        does="hands the lease back once; the second time the clip fails",
        ending=Ending.FAILED,
        kind="ENGINE_UNAVAILABLE",
        says="StartRendering",
    ),
    QuirkCase(
        name="dies in the import of a clip every time",
        quirks=Quirks(crash_calls=("ImportMedia",)),
        does="says that Resolve is gone, not that the clip cannot be read; handed back once, then the clip's",
        ending=Ending.REJECTED,
        says="could not be inspected in Resolve",
    ),
    QuirkCase(
        name="dies in AddRenderJob, once",
        quirks=Quirks(crash_calls=("AddRenderJob",)),
        once=True,
        does="hands the lease back, starts Resolve, and does the step then",
    ),
    QuirkCase(
        name="calls that work return None",
        quirks=Quirks(
            none_calls=("SetRenderSettings", "SetCurrentRenderFormatAndCodec", "AddRenderJob", "StartRendering")
        ),
        does="reads back what it set, and finds the job in the queue",
    ),
    QuirkCase(
        name="AddRenderJob gives an empty id",
        quirks=Quirks(forced={"AddRenderJob": ""}),
        does="finds no job in the queue",
        ending=Ending.FAILED,
        kind="PLAN_MISMATCH",
        says="Resolve queued 0 jobs; expected one",
    ),
    QuirkCase(
        name="a slow call", quirks=Quirks(delays={"ImportMedia": 0.4}), does="waits as long as the deadline allows"
    ),
)
