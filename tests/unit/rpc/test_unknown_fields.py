from proxx.api.executors.v1 import executor_service_pb2
from proxx.api.jobs.v1 import job_service_pb2, jobspec_pb2
from proxx.api.types.v1 import plan_pb2
from proxx.rpc.unknown_fields import Received, receiving, unknown_field_paths

EXTRA = bytes.fromhex("9a0603616263")  # field 99, length-delimited, "abc"


def test_known_fields_are_no_finding():
    request = job_service_pb2.SubmitJobRequest(
        request_id="r", spec=jobspec_pb2.JobSpec(codec="h264", user_metadata={"a": "b"}, sources=["/a", "/b"])
    )
    assert unknown_field_paths(job_service_pb2.SubmitJobRequest.FromString(request.SerializeToString())) == ()


def test_unknown_fields_are_found_at_every_depth():
    request = job_service_pb2.SubmitJobRequest(request_id="r", spec=jobspec_pb2.JobSpec(codec="h264"))
    request.spec.MergeFromString(EXTRA)
    request.MergeFromString(EXTRA)
    assert unknown_field_paths(request) == ("#99", "spec.#99")


def test_unknown_field_in_a_list_entry_names_the_entry():
    request = executor_service_pb2.RenewLeasesRequest()
    request.reports.add(lease_id="a")
    request.reports.add(lease_id="b").progress.MergeFromString(EXTRA)
    assert unknown_field_paths(request) == ("reports[1].progress.#99",)


def test_number_of_reported_paths_is_bounded():
    profile = plan_pb2.Profile()
    profile.MergeFromString(EXTRA * 1000)
    assert unknown_field_paths(profile, limit=3) == ("#99", "#99", "#99")


def test_received_message_is_free_of_unknown_fields_and_names_them():
    request = executor_service_pb2.RenewLeasesRequest(session_id="s")
    request.reports.add(lease_id="a")
    known = request.SerializeToString()
    request.reports[0].MergeFromString(EXTRA)
    receive = receiving(executor_service_pb2.RenewLeasesRequest.FromString)
    clean = executor_service_pb2.RenewLeasesRequest.FromString(known)
    assert receive(request.SerializeToString()) == Received(clean, ("reports[0].#99",))
    assert receive(known) == Received(clean, ())
