"""The vectors of protos/vectors/specs: what every implementation of the JobSpec must reproduce."""

import hashlib
import json
from pathlib import Path

import pytest

from proxx.core.canonical import canonical_json
from proxx.core.jobspec import (
    JobSpec,
    JobSpecValidationError,
    canonical_form,
    parse_jobspec,
    spec_digest,
    validate_spec,
)
from proxx.core.naming import resolve_outputs
from proxx.core.profile_library import ProfileLibrary
from proxx.runtime.profile_files import builtin_library
from tests.fakes.profiles import seed_library

SPECS = Path(__file__).parents[2] / "protos" / "vectors" / "specs"
LIBRARIES = {"five profiles": seed_library(), "built-in library": builtin_library()}


def vectors(folder: str) -> list[object]:
    texts = sorted(path for path in (SPECS / folder).glob("*.json") if not path.name.endswith(".expected.json"))
    return [pytest.param(path, id=path.stem) for path in texts]


def text_and_expected(path: Path) -> tuple[str, object]:
    expected = path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8")
    return path.read_bytes().decode("utf-8"), json.loads(expected)


@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize("path", vectors("valid"))
def test_a_valid_spec_has_the_canonical_form_digest_and_names_of_its_vector(
    path: Path, library: ProfileLibrary
) -> None:
    text, expected = text_and_expected(path)
    assert isinstance(expected, dict)
    parsed = parse_jobspec(text=text, library=library)
    completed = parsed.spec.completed(**expected["completed_with"])
    assert {
        "received_version": parsed.received_version,
        "received_digest": parsed.received_digest,
        "canonical": canonical_json(canonical_form(parsed.spec)),
        "digest": spec_digest(parsed.spec),
        "completed_with": expected["completed_with"],
        "completed_digest": spec_digest(completed),
        "outputs": [output.name for output in resolve_outputs(spec=completed)],
    } == expected


@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize("path", vectors("refused"))
def test_a_refused_spec_breaks_exactly_the_rules_of_its_vector(path: Path, library: ProfileLibrary) -> None:
    text, expected = text_and_expected(path)
    with pytest.raises(JobSpecValidationError) as caught:
        parse_jobspec(text=text, library=library)
    found = [
        {"code": violation.code.value, "field": violation.field, "message": violation.message}
        for violation in caught.value.violations
    ]
    assert {"violations": found} == expected


@pytest.mark.parametrize("path", vectors("valid"))
def test_the_digests_of_a_vector_are_plain_sha256(path: Path) -> None:
    _, expected = text_and_expected(path)
    assert isinstance(expected, dict)
    assert (expected["received_digest"], expected["digest"]) == (
        hashlib.sha256(path.read_bytes()).hexdigest(),
        hashlib.sha256(expected["canonical"].encode("utf-8")).hexdigest(),
    )


@pytest.mark.parametrize("path", vectors("valid"))
def test_the_canonical_form_of_a_vector_is_itself_a_valid_spec(path: Path) -> None:
    _, expected = text_and_expected(path)
    assert isinstance(expected, dict)
    spec = JobSpec.from_json(expected["canonical"])
    assert (validate_spec(spec=spec, library=seed_library()), spec_digest(spec)) == ((), expected["digest"])


def test_every_spec_has_its_expectation_and_every_expectation_its_spec() -> None:
    names = {path.relative_to(SPECS).as_posix() for path in SPECS.rglob("*.json")}
    specs = {name for name in names if not name.endswith(".expected.json")}
    assert {name.replace(".json", ".expected.json") for name in specs} == names - specs
    assert {"valid/seed_001_example.json", "valid/seed_004_required_field.json"} <= specs
