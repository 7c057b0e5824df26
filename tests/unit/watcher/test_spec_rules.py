"""The table of what becomes of a JobSpec at rest: one row, one case."""

from dataclasses import replace

import pytest

from proxx.core.jobs import JobState
from proxx_watcher.domain.spec_record import SpecRecord
from proxx_watcher.domain.spec_rules import Past, ResultFile, SpecFacts, Step, after_asking, decide

SUBMITTED = SpecRecord(
    name="a.json", sha256="1" * 64, generation=2, order=1, ready_time="", changed_time="", job_key="job-1"
)
READY = replace(SUBMITTED, job_key="")
COMPLETED = replace(SUBMITTED, outcome=JobState.COMPLETED)
FAILED = replace(SUBMITTED, outcome=JobState.FAILED)
NEW = SpecFacts(
    working=False, record=None, newest=True, manifest=None, forgotten=False, result=ResultFile.NONE, filed=False
)
SAID_GOOD = Past(outcome=JobState.COMPLETED, generation=3)
SAID_BAD = Past(outcome=JobState.FAILED, generation=3, job_key="job-1")


@pytest.mark.parametrize(
    ("changes", "step", "generation"),
    [
        pytest.param({}, Step.ASK, 0, id="nothing_is_known"),
        pytest.param({"record": READY}, Step.ASK, 2, id="was_ready"),
        pytest.param({"record": SUBMITTED}, Step.ASK, 2, id="was_submitted"),
        pytest.param(
            {"record": replace(FAILED, job_key="")}, Step.SUBMIT, 2, id="refused_without_a_job_and_its_result_removed"
        ),
        pytest.param(
            {"manifest": replace(SAID_BAD, job_key="")},
            Step.SUBMIT,
            3,
            id="manifest_says_refused_its_result_removed",
        ),
        pytest.param({"record": COMPLETED}, Step.SKIP, 0, id="was_completed"),
        pytest.param({"record": COMPLETED, "result": ResultFile.SAME}, Step.SKIP, 0, id="was_completed_with_result"),
        pytest.param({"record": COMPLETED, "forgotten": True}, Step.SUBMIT, 3, id="completed_and_wiped_by_hand"),
        pytest.param(
            {"record": COMPLETED, "forgotten": True, "result": ResultFile.SAME},
            Step.SKIP,
            0,
            id="completed_and_only_the_manifest_wiped",
        ),
        pytest.param({"record": COMPLETED, "newest": False}, Step.SUBMIT, 3, id="an_older_content_comes_back"),
        pytest.param({"record": FAILED}, Step.SUBMIT, 3, id="failed_and_its_result_removed"),
        pytest.param({"record": FAILED, "result": ResultFile.SAME}, Step.SKIP, 0, id="failed_with_its_result"),
        pytest.param({"record": FAILED, "newest": False}, Step.SUBMIT, 3, id="an_older_failed_content_comes_back"),
        pytest.param({"manifest": SAID_GOOD}, Step.SKIP, 0, id="manifest_says_completed"),
        pytest.param({"manifest": SAID_BAD}, Step.SUBMIT, 4, id="manifest_says_failed_and_its_result_removed"),
        pytest.param(
            {"manifest": SAID_BAD, "result": ResultFile.SAME, "filed": True}, Step.SKIP, 0, id="manifest_says_failed"
        ),
        pytest.param({"manifest": SAID_GOOD, "result": ResultFile.SAME}, Step.FILE, 3, id="killed_before_the_move"),
        pytest.param({"result": ResultFile.SAME, "filed": True}, Step.SKIP, 0, id="result_and_filed_spec_stand"),
        pytest.param({"result": ResultFile.SAME}, Step.ASK, 0, id="killed_after_the_result"),
        pytest.param({"result": ResultFile.OTHER}, Step.ASK, 0, id="another_content_had_this_name"),
        pytest.param({"result": ResultFile.UNKNOWN}, Step.SKIP, 0, id="a_result_of_nobody_knows_what"),
        pytest.param({"working": True}, Step.ASK, 0, id="left_over_in_running"),
        pytest.param({"working": True, "record": FAILED}, Step.ASK, 2, id="left_over_in_running_with_a_record"),
    ],
)
def test_a_spec_at_rest_is_judged_by_what_is_known_of_it(
    changes: dict[str, object], step: Step, generation: int
) -> None:
    decision = decide(replace(NEW, **changes))  # type: ignore[arg-type]
    assert (decision.step, decision.generation) == (step, generation)
    assert bool(decision.reason) is (step is Step.SKIP)


@pytest.mark.parametrize(
    ("changes", "known", "step"),
    [
        pytest.param({}, True, Step.FOLLOW, id="its_job_is_known"),
        pytest.param({}, False, Step.SUBMIT, id="it_never_was_a_job"),
        pytest.param({"record": READY}, False, Step.SUBMIT, id="killed_before_the_submission"),
        pytest.param({"record": SUBMITTED}, False, Step.HOLD, id="the_scheduler_lost_its_job"),
        pytest.param({"record": FAILED}, False, Step.SUBMIT, id="an_explicit_retry"),
        pytest.param({"working": True}, True, Step.FOLLOW, id="left_over_with_a_job"),
        pytest.param({"working": True}, False, Step.HOLD, id="left_over_without_a_job"),
    ],
)
def test_what_the_scheduler_knows_decides_the_rest(changes: dict[str, object], known: bool, step: Step) -> None:
    decision = after_asking(facts=replace(NEW, **changes), generation=2, known=known)  # type: ignore[arg-type]
    assert (decision.step, decision.generation) == (step, 2)
    assert bool(decision.reason) is (step is Step.HOLD)
