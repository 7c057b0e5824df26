"""What each collision policy makes of outputs that are taken."""

from dataclasses import replace

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.jobs import CollisionPolicy
from proxx.core.naming import MAX_NAME_BYTES
from proxx.core.path_key import path_key
from proxx.core.roots import RootPath
from proxx.core.steps import ProbeItem
from proxx.core.suffixes import MAX_SUFFIX
from proxx.core.violation import Violation, ViolationCode
from proxx_scheduler.app.collisions import Collisions, resolve_collisions
from proxx_scheduler.app.records import StoredClip
from tests.fakes.measured import probed

FAIL, SUFFIX, OVERWRITE = CollisionPolicy
OLD = SourceIdentity(path="out/0.mov", size_bytes=9, mtime_ns=3, inode=77, edge_sha256="d" * 64)


def clip(
    index: int, *, name: str = "", exists: bool = False, taken: tuple[int, ...] = (), old: SourceIdentity | None = None
) -> StoredClip:
    name = name or f"{index}.mov"
    source = RootPath(root="media", path=f"in/{index}.mov")
    output = RootPath(root="media", path=f"out/{name}")
    found = probed(ProbeItem(clip_index=index, source=source, output=output), output_exists=exists)
    assert found.identity is not None
    identity = replace(found.identity, inode=index + 1)
    return StoredClip(
        clip_index=index,
        source_path=f"/media/in/{index}.mov",
        source=source,
        output_path=f"/media/out/{name}",
        output=output,
        probed=replace(found, identity=identity, suffixes_taken=taken, existing=old),
        tokens={"index": f"{index:03d}"},
    )


def resolve(policy: CollisionPolicy, *clips: StoredClip, taken: frozenset[str] = frozenset()) -> Collisions:
    return resolve_collisions(policy=policy, clips=clips, taken=taken)


@pytest.mark.parametrize("policy", CollisionPolicy)
def test_free_outputs_stay_as_they_are(policy: CollisionPolicy) -> None:
    clips = (clip(0), clip(1))
    assert resolve(policy, *clips) == Collisions(clips=clips)


def test_fail_refuses_what_exists_and_changes_nothing() -> None:
    clips = (clip(0), clip(1, exists=True))
    assert resolve(FAIL, *clips) == Collisions(
        clips=clips,
        violations=(
            Violation(
                code=ViolationCode.OUTPUT_EXISTS,
                field="sources[1]",
                message="Output /media/out/1.mov exists already; nothing is ever overwritten",
                expected="absent",
                actual="present",
            ),
        ),
    )


def test_suffix_shows_the_numbered_name_everywhere() -> None:
    found = resolve(SUFFIX, clip(0, exists=True, taken=(1,)), clip(1), taken=frozenset())
    assert found == Collisions(
        clips=(
            replace(
                clip(0, exists=True, taken=(1,)),
                output=RootPath(root="media", path="out/0_002.mov"),
                output_path="/media/out/0_002.mov",
                tokens={"index": "000", "suffix": "002"},
                suffix=2,
            ),
            clip(1),
        )
    )


def test_suffix_takes_what_other_jobs_hold_for_taken() -> None:
    held = frozenset({path_key(RootPath(root="media", path="out/0.MOV"))})
    assert [found.output.name for found in resolve(SUFFIX, clip(0), taken=held).clips] == ["0_001.mov"]


def test_suffix_ends_at_999() -> None:
    found = resolve(SUFFIX, clip(0, exists=True, taken=tuple(range(1, MAX_SUFFIX + 1))))
    assert found.violations == (
        Violation(
            code=ViolationCode.SUFFIX_EXHAUSTED,
            field="sources[0]",
            message='Output /media/out/0.mov is taken, and so is every numbered name up to "0_999.mov"',
            expected="a free number from 1 to 999",
            actual="none is free",
        ),
    )


def test_a_suffix_obeys_the_length_of_names_in_bytes() -> None:
    name = "é" * ((MAX_NAME_BYTES - 5) // 2) + ".mov"
    assert resolve(SUFFIX, clip(0, name=name)).violations == ()
    (violation,) = resolve(SUFFIX, clip(0, name=name, exists=True)).violations
    assert (violation.code, violation.field, violation.expected, violation.actual) == (
        ViolationCode.NAMING_ILLEGAL,
        "sources[0]",
        "at most 255 bytes",
        "258 bytes",
    )


def test_overwrite_names_the_file_that_is_to_be_replaced() -> None:
    assert resolve(OVERWRITE, clip(0, exists=True, old=OLD), clip(1)) == Collisions(
        clips=(replace(clip(0, exists=True, old=OLD), replaces=OLD), clip(1))
    )


def test_overwrite_refuses_an_output_that_is_a_source_of_any_clip_by_its_path() -> None:
    output = clip(0, exists=True, old=OLD)
    output = replace(output, output=RootPath(root="media", path="IN/1.mov"), output_path="/media/IN/1.mov")
    assert resolve(OVERWRITE, output, clip(1)).violations == (
        Violation(
            code=ViolationCode.OUTPUT_IS_SOURCE,
            field="sources[0]",
            message="Output /media/IN/1.mov is the source of clip 1; a source is never moved aside",
            expected="an output that is no source of this job",
            actual="/media/in/1.mov",
        ),
    )


def test_overwrite_refuses_another_name_of_a_source() -> None:
    source = clip(1).probed
    assert source is not None
    assert source.identity is not None
    link = replace(source.identity, path="out/0.mov")
    (violation,) = resolve(OVERWRITE, clip(0, exists=True, old=link), clip(1)).violations
    assert (violation.code, violation.field) == (ViolationCode.OUTPUT_IS_SOURCE, "sources[0]")


def test_overwrite_never_moves_what_nobody_described() -> None:
    (violation,) = resolve(OVERWRITE, clip(0, exists=True)).violations
    assert (violation.code, violation.field) == (ViolationCode.OUTPUT_EXISTS, "sources[0]")
