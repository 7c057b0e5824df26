"""The generated code is compared file by file, by content."""

from pathlib import Path

from tools.check_generated import compare


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_equal_trees_have_no_differences(tmp_path: Path) -> None:
    files = {"jobs/a.py": "1", "b.pyi": "2"}
    committed = write(tmp_path / "committed", {**files, "jobs/__pycache__/a.pyc": "compiled"})

    assert compare(committed=committed, fresh=write(tmp_path / "fresh", files)) == []


def test_missing_left_over_and_different_files_are_named(tmp_path: Path) -> None:
    committed = write(tmp_path / "committed", {"old.py": "1", "same.py": "2", "jobs/changed.py": "3"})
    fresh = write(tmp_path / "fresh", {"new.py": "1", "same.py": "2", "jobs/changed.py": "4"})

    assert compare(committed=committed, fresh=fresh) == [
        "missing: new.py",
        "left over: old.py",
        "different: jobs/changed.py",
    ]
