import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.access import OPEN, AccessRefusal, Identity, Role, actor_of, forwarded_identity, forwarded_of

REPLICA = Identity(name="standby", roles=frozenset({Role.REPLICA}), how="certificate")
ANN = Identity(name="ann", roles=frozenset({Role.SUBMITTER}), how="token", executors=("f-*",))
SAID = json.loads(forwarded_of(ANN))

names = st.text(min_size=1, max_size=100).filter(str.isprintable)


@given(name=names, roles=st.sets(st.sampled_from([role for role in Role if role is not Role.REPLICA])))
def test_identity_comes_through_whole_and_as_ascii(name, roles):
    identity = Identity(name=name, roles=frozenset(roles), how="certificate", executors=(name,))
    value = forwarded_of(identity)
    assert (value.isascii(), forwarded_identity(value=value, replica=REPLICA)) == (True, identity)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("[]", id="no object"),
        pytest.param(json.dumps(SAID | {"more": 1}), id="unknown key"),
        pytest.param(json.dumps(SAID | {"name": ""}), id="no name"),
        pytest.param(json.dumps(SAID | {"name": 1}), id="name of another type"),
        pytest.param(json.dumps(SAID | {"roles": ["replica"]}), id="another replica"),
        pytest.param(json.dumps(SAID | {"roles": ["king"]}), id="unknown role"),
        pytest.param(json.dumps(SAID | {"roles": [["viewer"]]}), id="roles of another type"),
        pytest.param(json.dumps(SAID | {"how": "open"}), id="nobody who was asked"),
        pytest.param(json.dumps(SAID | {"executors": "f"}), id="executors of another type"),
        pytest.param(json.dumps(SAID | {"expires": "soon"}), id="end that is no time"),
    ],
)
def test_what_cannot_be_read_is_refused(value):
    found = forwarded_identity(value=value, replica=REPLICA)
    assert isinstance(found, AccessRefusal)
    assert found.reason.value == "IDENTITY_UNKNOWN"


@pytest.mark.parametrize("caller", [pytest.param(ANN, id="no replica"), pytest.param(OPEN, id="open listener")])
def test_only_an_authenticated_replica_is_believed(caller):
    found = forwarded_identity(value=forwarded_of(ANN), replica=caller)
    assert isinstance(found, AccessRefusal)
    assert (found.reason.value, found.metadata["needed"]) == ("ROLE_MISSING", "replica")


def test_caller_that_nobody_asked_is_not_passed_on():
    with pytest.raises(ValueError, match="no identity to pass on"):
        forwarded_of(OPEN)


@pytest.mark.parametrize(
    ("identity", "claim", "actor"),
    [
        pytest.param(ANN, "", "identity/ann", id="known"),
        pytest.param(ANN, "Alice%20B", "identity/ann/claimed/Alice B", id="known, with a claim"),
        pytest.param(OPEN, "Alice", "claimed/Alice", id="open, with a claim"),
        pytest.param(OPEN, "", "operator", id="open"),
    ],
)
def test_actor_says_what_is_known_and_what_is_claimed(identity, claim, actor):
    assert actor_of(identity=identity, claim=claim, otherwise="operator") == actor
