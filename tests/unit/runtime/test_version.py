from importlib import metadata

from proxx.runtime.version import Version, commit_of, current_version

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_version_is_that_of_the_package():
    assert current_version().version == metadata.version("proxx")


def test_commit_of_a_branch(tmp_path):
    write(tmp_path / ".git/HEAD", "ref: refs/heads/main\n")
    write(tmp_path / ".git/refs/heads/main", COMMIT + "\n")
    assert commit_of(tmp_path) == COMMIT


def test_commit_of_a_packed_branch(tmp_path):
    write(tmp_path / ".git/HEAD", "ref: refs/heads/main\n")
    write(tmp_path / ".git/packed-refs", f"# pack-refs\n{'f' * 40} refs/heads/other\n{COMMIT} refs/heads/main\n")
    assert commit_of(tmp_path) == COMMIT


def test_commit_of_a_detached_head(tmp_path):
    write(tmp_path / ".git/HEAD", COMMIT + "\n")
    assert commit_of(tmp_path) == COMMIT


def test_commit_of_a_linked_worktree(tmp_path):
    write(tmp_path / "tree/.git", f"gitdir: {tmp_path}/main/.git/worktrees/tree\n")
    write(tmp_path / "main/.git/worktrees/tree/HEAD", "ref: refs/heads/side\n")
    write(tmp_path / "main/.git/worktrees/tree/commondir", "../..\n")
    write(tmp_path / "main/.git/refs/heads/side", COMMIT + "\n")
    assert commit_of(tmp_path / "tree") == COMMIT


def test_folder_that_is_no_checkout_has_no_commit(tmp_path):
    assert commit_of(tmp_path) is None


def test_version_for_people_names_the_commit_when_there_is_one():
    assert str(Version(version="1.2.3", commit=COMMIT)) == "1.2.3+g0123456789ab"
    assert str(Version(version="1.2.3", commit=None)) == "1.2.3"
