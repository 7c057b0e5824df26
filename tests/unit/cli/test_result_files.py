"""Result files beside the proxies: whole, and never over anything."""

import json

import pytest

from proxx.embedded.result_files import write_result_files
from tests.unit.cli import samples

STEM = "proxx_job_1a2b3c4d_20261120T090100Z"


def write(directory, **changes):
    values = {
        "document": {"job_id": "1a2b3c4d"},
        "spec": samples.spec(output_directory=str(directory)),
        "job_id": "1a2b3c4d",
        "now": samples.NOW,
    }
    return write_result_files(**(values | changes))


def test_both_files_are_named_by_job_and_utc_moment(tmp_path):
    assert write(tmp_path) == (tmp_path / f"{STEM}.result.json", tmp_path / f"{STEM}.jobspec.json")
    assert json.loads((tmp_path / f"{STEM}.result.json").read_text()) == {"job_id": "1a2b3c4d"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{STEM}.jobspec.json", f"{STEM}.result.json"]


def test_an_existing_file_is_never_overwritten(tmp_path):
    (tmp_path / f"{STEM}.result.json").write_text("mine")
    with pytest.raises(FileExistsError):
        write(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{STEM}.result.json": "mine"}


def test_a_directory_that_is_gone_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"job_id": "../evil"}, id="a job id that leads elsewhere"),
        pytest.param({"spec": samples.spec(output_directory="relative")}, id="a relative directory"),
    ],
)
def test_a_place_that_a_jobspec_cannot_name_is_refused(tmp_path, changes):
    with pytest.raises(ValueError, match="no place for result files"):
        write(tmp_path, **changes)
