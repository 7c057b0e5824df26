import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.access import OPEN, Identity, Role, refusal_of_executor, refusal_of_job
from proxx.core.access.identity import matches

CANCEL = "/proxx.api.jobs.v1.JobService/CancelJob"
PAUSE = "/proxx.api.jobs.v1.JobService/PauseJob"


def named(name="ann", *roles, executors=()):
    return Identity(name=name, roles=frozenset(roles), how="token", executors=executors)


@pytest.mark.parametrize(
    ("identity", "owner", "reason"),
    [
        pytest.param(named("ann", Role.SUBMITTER), "ann", None, id="own job"),
        pytest.param(named("ann", Role.SUBMITTER), "bob", "NOT_OWNER", id="somebody else's job"),
        pytest.param(named("ann", Role.SUBMITTER), "", "NOT_OWNER", id="job from before identities"),
        pytest.param(named("olga", Role.OPERATOR), "bob", None, id="operator"),
        pytest.param(OPEN, "bob", None, id="open listener"),
    ],
)
def test_cancel_is_for_owners_and_operators(identity, owner, reason):
    refusal = refusal_of_job(method=CANCEL, identity=identity, job_key="k", owner=owner)
    assert (refusal and refusal.reason.value) == reason


def test_refusal_names_job_owner_and_caller():
    refusal = refusal_of_job(method=CANCEL, identity=named("ann", Role.SUBMITTER), job_key="k", owner="bob")
    assert refusal is not None
    assert (
        refusal.message == 'job "k" was submitted by "bob"; "ann" may do this to its own jobs only, an operator to any'
    )
    assert refusal.metadata == {"method": CANCEL, "job_key": "k", "owner": "bob", "identity": "ann"}


def test_verb_for_operators_asks_for_no_owner():
    assert refusal_of_job(method=PAUSE, identity=named("olga", Role.OPERATOR), job_key="k", owner="bob") is None


@pytest.mark.parametrize(
    ("identity", "held_by", "reason"),
    [
        pytest.param(named("farm", Role.EXECUTOR), None, None, id="free name"),
        pytest.param(named("farm", Role.EXECUTOR), "farm", None, id="own session"),
        pytest.param(named("farm", Role.EXECUTOR), "other", "EXECUTOR_FOREIGN", id="session of another identity"),
        pytest.param(named("farm", Role.EXECUTOR), "", "EXECUTOR_FOREIGN", id="session of an open listener"),
        pytest.param(named("farm", Role.EXECUTOR, executors=("ffmpeg-*",)), None, None, id="name of its pattern"),
        pytest.param(
            named("farm", Role.EXECUTOR, executors=("resolve-*",)), None, "EXECUTOR_FOREIGN", id="name of no pattern"
        ),
        pytest.param(OPEN, "farm", None, id="open listener"),
    ],
)
def test_executor_names_belong_to_identities(identity, held_by, reason):
    refusal = refusal_of_executor(identity=identity, executor="ffmpeg-1", held_by=held_by)
    assert (refusal and refusal.reason.value) == reason


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        pytest.param(Role.VIEWER, {"viewer"}, id="viewer"),
        pytest.param(Role.SUBMITTER, {"viewer", "submitter"}, id="submitter"),
        pytest.param(Role.OPERATOR, {"viewer", "submitter", "operator"}, id="operator"),
        pytest.param(Role.EXECUTOR, {"executor"}, id="executor"),
        pytest.param(Role.REPLICA, {"replica"}, id="replica"),
    ],
)
def test_roles_bring_others_along(role, rights):
    assert named("ann", role).rights == rights


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        pytest.param("*", "", True, id="star takes nothing"),
        pytest.param("a*b*c", "a-b-c", True, id="several stars"),
        pytest.param("a*b*c", "acb", False, id="wrong order"),
        pytest.param("ab*ba", "aba", False, id="ends must not overlap"),
        pytest.param("f[0-9]", "f1", False, id="brackets are themselves"),
        pytest.param("f?", "f1", False, id="question mark is itself"),
        pytest.param("ffmpeg-1", "ffmpeg-10", False, id="whole names"),
    ],
)
def test_star_stands_for_any_characters(pattern, name, expected):
    assert matches(pattern=pattern, name=name) is expected


@given(parts=st.lists(st.text("ab-", max_size=4), min_size=1, max_size=4), filling=st.text("ab-", max_size=3))
def test_name_made_from_a_pattern_matches_it(parts, filling):
    assert matches(pattern="*".join(parts), name=filling.join(parts))
