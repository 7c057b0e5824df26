"""The published matrix covers what is served, and nothing else."""

import importlib
import pkgutil

import pytest
from google.protobuf.descriptor import FileDescriptor
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

import proxx.api
from proxx.core.access import HTTP_POLICY, OPEN, POLICY, Grant, Identity, Role, needs_no_credentials, refusal_of_method


def served_files() -> list[FileDescriptor]:
    """Return the descriptors of every file of the API, of health and of reflection."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(proxx.api.__path__, "proxx.api.")
        if found.name.endswith("_pb2")
    ]
    return [module.DESCRIPTOR for module in (*modules, health_pb2, reflection_pb2)]


METHODS = sorted(
    f"/{service.full_name}/{method.name}"
    for file in served_files()
    for service in file.services_by_name.values()
    for method in service.methods
)


def named(*roles: Role) -> Identity:
    return Identity(name="ann", roles=frozenset(roles), how="token")


def allowed(*roles: Role) -> set[str]:
    return {method for method in METHODS if refusal_of_method(method=method, identity=named(*roles)) is None}


def test_every_method_that_is_served_has_a_row_and_every_row_a_method():
    assert sorted(POLICY) == METHODS
    assert len(METHODS) > 40


def test_only_health_is_for_everybody():
    assert [method for method in METHODS if needs_no_credentials(method=method)] == [
        "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/List",
        "/grpc.health.v1.Health/Watch",
    ]


@pytest.mark.parametrize("role", Role)
def test_role_may_do_what_the_matrix_says_and_nothing_else(role):
    rights = named(role).rights
    assert allowed(role) == {method for method, grant in POLICY.items() if grant.role is None or grant.role in rights}


def test_nobody_may_call_a_method_without_a_row():
    everything = named(*Role)
    refusal = refusal_of_method(method="/proxx.api.jobs.v1.JobService/Destroy", identity=everything)
    assert refusal is not None
    assert (refusal.reason.value, refusal.metadata["needed"]) == ("ROLE_MISSING", "")


def test_executors_reach_nothing_but_their_service():
    mine = {method for method in allowed(Role.EXECUTOR) if POLICY[method].role is not None}
    assert {method.split("/")[1] for method in mine} == {"proxx.api.executors.v1.ExecutorService"}


def test_replica_for_itself_says_what_it_denied_and_reaches_nothing_else_that_takes_a_role():
    mine = [method for method in allowed(Role.REPLICA) if POLICY[method].role is not None]
    assert mine == ["/proxx.api.operator.v1.AuditService/NoteDenials"]


def test_only_executors_reach_leases():
    lease = "/proxx.api.executors.v1.ExecutorService/CompleteLeases"
    others = [role for role in Role if role is not Role.EXECUTOR]
    assert refusal_of_method(method=lease, identity=named(*others)) is not None


def test_submitters_start_and_cancel_their_own_jobs_only():
    own = {method.rpartition("/")[2] for method, grant in POLICY.items() if grant.own}
    assert own == {"StartJob", "CancelJob"}


def test_open_listener_lets_every_method_through():
    assert refusal_of_method(method="/newer.Service/Unknown", identity=OPEN) is None


def test_metrics_need_a_viewer_and_health_routes_nothing():
    nobody = Grant(role=None)
    assert {"/metrics": Grant(role=Role.VIEWER), "/healthz": nobody, "/readyz": nobody} == HTTP_POLICY
