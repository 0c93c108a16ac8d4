"""The user's repository: read, copied, committed to, and never disturbed."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest

from pixel_llm.coach.loop.project import GitProject, ProjectError, WrittenBack
from pixel_llm.coach.loop.workspace import difference, workspace
from pixel_llm.coach.sandbox.protect import ProtectedPathError
from pixel_llm.coach.types import TaskFile
from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError
from pixel_llm.tests.coach.loop.repository import ENVIRONMENT, commit, git, make_repository, shown

OLD, NEW = "x = 1\n", "x = 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo", {"a.py": OLD, "pkg/b.py": "b = 1\n", "run.sh": "#!/bin/sh\n"})


def write_back(
    project: GitProject, base: str, files: dict[str, str], run: str = "task/1", good: bool = True
) -> WrittenBack:
    made = [TaskFile(path=path, content=text) for path, text in files.items()]
    return project.write_back(base, made, message="Title", run=run, still_good=lambda _: good)


def state_of(folder: Path) -> tuple[str, ...]:
    """All that is the user's: HEAD, index, working tree, branches but the coach's."""
    branches = [
        b for b in git(folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines() if "coach" not in b
    ]
    files = sorted(
        (str(p.relative_to(folder)), p.read_bytes()) for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts
    )
    return (git(folder, "symbolic-ref", "HEAD"), git(folder, "ls-files", "--stage"), repr(files), *branches)


def test_accepted_work_is_a_commit_on_a_branch_of_its_own_and_nothing_of_the_users_moves(folder: Path) -> None:
    (folder / "a.py").write_text("the user is in the middle of something\n")
    (folder / "untracked.txt").write_text("mine\n")
    git(folder, "add", "untracked.txt")
    before, project = state_of(folder), GitProject(folder)
    base = project.base()
    written = write_back(project, base, {"pkg/b.py": "b = 2\n", "new/c.py": "c = 3\n"})
    assert written.status == "written"
    assert written.branch == "coach/accepted"
    assert state_of(folder) == before
    assert shown(folder, "pkg/b.py") == "b = 2\n"
    assert shown(folder, "new/c.py") == "c = 3\n"
    assert shown(folder, "a.py") == OLD
    assert git(folder, "rev-parse", "coach/accepted^").strip() == base
    assert git(folder, "log", "-1", "--format=%an%n%B", "coach/accepted").split() == (
        ["pixel-llm", "coach", "Title", "Coach-Run:", "task/1"]
    )


def test_the_next_task_starts_from_what_was_accepted(folder: Path) -> None:
    project = GitProject(folder)
    write_back(project, project.base(), {"a.py": NEW})
    assert project.read(project.base(), "a.py") == NEW


def test_the_users_newer_commits_are_merged_in(folder: Path) -> None:
    project = GitProject(folder)
    write_back(project, project.base(), {"a.py": NEW})
    head = commit(folder, {"pkg/b.py": "b = 9\n"})
    base = project.base()
    assert (project.read(base, "a.py"), project.read(base, "pkg/b.py")) == (NEW, "b = 9\n")
    assert git(folder, "rev-parse", "HEAD").strip() == head
    git(folder, "merge", "--quiet", "coach/accepted")
    assert project.base() == git(folder, "rev-parse", "HEAD").strip()


def test_a_conflict_between_the_user_and_the_branch_is_the_users_to_resolve(folder: Path) -> None:
    project = GitProject(folder)
    write_back(project, project.base(), {"a.py": NEW})
    commit(folder, {"a.py": "x = 3\n"})
    with pytest.raises(InvalidArgumentError, match=r"have changed the same lines.*git merge coach/accepted"):
        project.base()


def test_a_second_call_for_the_same_run_makes_no_second_commit(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    first = write_back(project, base, {"a.py": NEW})
    write_back(project, base, {"pkg/b.py": "b = 2\n"}, run="task/10")
    assert write_back(project, base, {"a.py": NEW}) == first
    assert git(folder, "rev-list", "--count", f"{base}..coach/accepted").strip() == "2"


def test_runs_whose_names_begin_alike_are_not_taken_for_each_other(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    write_back(project, base, {"a.py": NEW}, run="task/10")
    assert write_back(project, base, {"pkg/b.py": "b = 2\n"}, run="task/1").status == "written"
    assert shown(folder, "pkg/b.py") == "b = 2\n"


def test_work_accepted_meanwhile_is_kept_and_the_tests_are_asked_again(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    write_back(project, base, {"a.py": NEW}, run="one")
    assert write_back(project, base, {"pkg/b.py": "b = 2\n"}, run="two", good=False).status == "conflict"
    assert shown(folder, "pkg/b.py") == "b = 1\n"
    assert write_back(project, base, {"pkg/b.py": "b = 2\n"}, run="two").status == "written"
    assert (shown(folder, "a.py"), shown(folder, "pkg/b.py")) == (NEW, "b = 2\n")


def test_a_file_that_changed_meanwhile_is_never_overwritten(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    write_back(project, base, {"a.py": NEW}, run="one")
    lost = write_back(project, base, {"a.py": "x = 3\n"}, run="two")
    assert (lost.status, lost.reason) == ("conflict", "a.py changed on coach/accepted while this was written")
    made = write_back(project, base, {"new.py": NEW}, run="three")
    assert made.status == "written"
    assert write_back(project, base, {"new.py": "x = 4\n"}, run="four").status == "conflict"
    assert (shown(folder, "a.py"), shown(folder, "new.py")) == (NEW, NEW)


def test_many_at_once_all_arrive(folder: Path) -> None:
    base = GitProject(folder).base()
    results: list[WrittenBack] = []

    def work(n: int) -> None:
        results.append(write_back(GitProject(folder), base, {f"f{n}.py": f"n = {n}\n"}, run=f"run {n}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.status for r in results] == ["written"] * 6
    assert [shown(folder, f"f{n}.py") for n in range(6)] == [f"n = {n}\n" for n in range(6)]


def test_modes_stay_and_nothing_to_change_is_no_commit(folder: Path) -> None:
    (folder / "run.sh").chmod(0o755)
    commit(folder, {})
    project = GitProject(folder)
    base = project.base()
    assert write_back(project, base, {"a.py": OLD}).status == "unchanged"
    assert project.base() == base
    write_back(project, base, {"run.sh": "#!/bin/sh\nls\n"})
    assert git(folder, "ls-tree", "coach/accepted", "run.sh").startswith("100755")


def test_a_project_below_the_top_of_its_repository(tmp_path: Path) -> None:
    top = make_repository(tmp_path, {"service/a.py": OLD, "other/b.py": "b\n"})
    project = GitProject(top / "service")
    base = project.base()
    assert project.read(base, "a.py") == OLD
    project.check_out(base, tmp_path / "copy")
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["a.py"]
    write_back(project, base, {"a.py": NEW})
    assert shown(top, "service/a.py") == NEW
    assert shown(top, "other/b.py") == "b\n"
    (top / "service/a.py").write_text("changed\n")
    assert project.unsaved(["a.py", "new.py"]) == ("a.py",)


def test_what_is_not_saved_is_named(folder: Path) -> None:
    project = GitProject(folder)
    assert project.unsaved(["a.py", "pkg/b.py", "no.py"]) == ()
    (folder / "a.py").write_text("more\n")
    (folder / "no.py").write_text("new\n")
    assert project.unsaved(["a.py", "pkg/b.py", "no.py"]) == ("a.py", "no.py")
    assert project.unsaved([]) == ()


def test_what_is_no_plain_text_file_is_not_read(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "bytes").write_bytes(b"\xff\x00")
    commit(folder, {})
    project = GitProject(folder)
    base = project.base()
    assert [project.read(base, p) for p in ("link", "bytes", "pkg", "none", "a.py")] == [None, None, None, None, OLD]
    with pytest.raises(InvalidArgumentError, match="link: is a link or a folder"):
        write_back(project, base, {"link": "x"})


def test_the_users_hooks_and_environment_are_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = folder / ".git/hooks/reference-transaction"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    project = GitProject(folder)
    assert write_back(project, project.base(), {"a.py": NEW}).status == "written"


def test_a_branch_that_is_checked_out_is_left_alone(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    write_back(project, base, {"a.py": NEW})
    git(folder, "switch", "--quiet", "coach/accepted")
    for call in (project.base, lambda: write_back(project, base, {"pkg/b.py": "b = 2\n"}, run="two")):
        with pytest.raises(InvalidArgumentError, match="coach/accepted is checked out"):
            call()


def test_what_is_no_repository_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match=r"is not in a git repository.*git init"):
        GitProject(tmp_path)
    with pytest.raises(NotFoundError, match="no such folder"):
        GitProject(tmp_path / "none")
    subprocess.run(["git", "init", "--quiet", tmp_path], env=ENVIRONMENT, check=True)
    with pytest.raises(InvalidArgumentError, match="no commit yet"):
        GitProject(tmp_path).base()
    with pytest.raises(InvalidArgumentError, match="not a name for a branch"):
        GitProject(tmp_path, branch="a..b")


def test_a_lock_that_a_killed_git_left_is_named_not_waited_for(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    lock = folder / ".git/refs/heads/coach/accepted.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with pytest.raises(StorageError, match=r"update-ref.*accepted\.lock"):
        write_back(project, base, {"a.py": NEW})


def test_a_workspace_is_a_fresh_copy_and_goes_away(folder: Path) -> None:
    project = GitProject(folder)
    base = project.base()
    files = [TaskFile(path="a.py", content=NEW), TaskFile(path="deep/er/c.py", content="c = 1\n")]
    with workspace(project, base, files) as made:
        assert (made.baseline / "a.py").read_text() == OLD
        assert (made.folder / "a.py").read_text() == NEW
        assert (made.folder / "deep/er/c.py").read_text() == "c = 1\n"
        assert (made.folder / "pkg/b.py").read_text() == "b = 1\n"
        assert not (made.folder / ".git").exists()
        (made.folder / "pkg").chmod(0o000)
    assert not made.folder.parent.exists()


def test_nothing_is_written_through_a_link(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "out").symlink_to(outside)
    commit(folder, {})
    project = GitProject(folder)
    with (
        pytest.raises(ProtectedPathError),
        workspace(project, project.base(), [TaskFile(path="out/x.py", content="x")]),
    ):
        pass
    assert not list(outside.iterdir())


def test_what_gives_hidden_tests_away_is_not_in_a_workspace(folder: Path) -> None:
    hidden = TaskFile(
        path="tests/test_h.py", content="from a import f\n\n\ndef test_far():\n    assert f(1234) == 99\n"
    )
    roadmap = {
        "plan/roadmap.yaml": "name: x\n",
        "plan/1_one/t/tests/hidden/test_h.py": hidden.content,
        "plan/1_one/t/solutions/good/a.py": "f = 99\n",
        "plan/1_one/u/solutions/good/a.py": "f = 99\n",
        "tasks.yaml": "content: |\n" + "".join(f"    {line}\n" for line in hidden.content.splitlines()),
        "tasks.json": f'{{"content": {json.dumps(hidden.content)}}}',
        "tests/test_near.py": "from a import f\n\n\ndef test_near():\n    assert f(1) == 1\n",
    }
    commit(folder, roadmap)
    project = GitProject(folder)
    base = project.base()
    with workspace(project, base, [], hidden=[hidden]) as made:
        for copy in (made.baseline, made.folder):
            left = sorted(str(p.relative_to(copy)) for p in copy.rglob("*") if p.is_file())
            assert left == ["a.py", "pkg/b.py", "run.sh", "tests/test_near.py"]
    with workspace(project, base, []) as made:
        assert (made.folder / "tasks.yaml").exists()
    assert project.holding(base, []) == ()
    assert project.holding(base, ["nowhere at all"]) == ()
    assert GitProject(folder / "pkg").holding(base, ["b = 1"]) == ("b.py",)


def test_a_difference_applies(folder: Path) -> None:
    project = GitProject(folder)
    files = [
        TaskFile(path="a.py", content="x = 2"),
        TaskFile(path="n/c.py", content="c\nd\n"),
        TaskFile(path="pkg/b.py", content="b = 1\n"),
    ]
    diff = difference(project, project.base(), files)
    (folder / "d.diff").write_text(diff)
    git(folder, "apply", "d.diff")
    assert [(folder / f.path).read_text() for f in files] == [f.content for f in files]
    assert "pkg/b.py" not in diff


@pytest.fixture
def clones(tmp_path: Path) -> tuple[GitProject, GitProject]:
    """Two machines' clones of one repository."""
    first = make_repository(tmp_path / "first", {"a.py": OLD, "b.py": "b = 1\n"})
    git(tmp_path, "clone", "--quiet", "--bare", "first", "shared.git")
    git(first, "remote", "add", "origin", str(tmp_path / "shared.git"))
    git(tmp_path, "clone", "--quiet", "shared.git", "second")
    return GitProject(first, remote="origin"), GitProject(tmp_path / "second", remote="origin")


def test_clones_of_several_machines_share_the_branch(clones: tuple[GitProject, GitProject]) -> None:
    first, second = clones
    write_back(first, first.base(), {"a.py": NEW}, run="one")
    base = second.base()
    assert second.read(base, "a.py") == NEW
    write_back(second, base, {"b.py": "b = 2\n"}, run="two")
    assert first.read(first.base(), "b.py") == "b = 2\n"
    assert shown(first.root, "b.py") == "b = 2\n"


def test_what_another_machine_accepted_meanwhile_is_kept(clones: tuple[GitProject, GitProject]) -> None:
    first, second = clones
    here, there = first.base(), second.base()
    assert write_back(first, here, {"a.py": NEW}, run="one").status == "written"
    assert write_back(second, there, {"a.py": "x = 3\n"}, run="two").status == "conflict"
    assert write_back(second, there, {"b.py": "b = 2\n"}, run="three").status == "written"
    assert write_back(second, there, {"b.py": "b = 2\n"}, run="three").status == "written"
    assert git(first.root, "rev-list", "--count", f"{here}..{first.base()}").strip() == "2"


def test_a_run_that_another_machine_began_goes_on_here(clones: tuple[GitProject, GitProject], tmp_path: Path) -> None:
    first, second = clones
    commit(first.root, {"c.py": "c = 1\n"})  # not pushed by the user
    base = first.base()
    assert second.read(base, "c.py") == "c = 1\n"
    alone = GitProject(make_repository(tmp_path / "alone", {"a.py": OLD}))
    with pytest.raises(ProjectError, match="from which another machine started"):
        alone.check_out(base, tmp_path / "copy")


def test_work_that_only_this_clone_has_is_not_left_behind(clones: tuple[GitProject, GitProject]) -> None:
    first, _ = clones
    alone = GitProject(first.root)
    write_back(alone, alone.base(), {"a.py": NEW})
    with pytest.raises(ProjectError, match=r"does not have.*git push origin coach/accepted"):
        first.base()
    git(first.root, "push", "--quiet", "origin", "coach/accepted")
    assert first.read(first.base(), "a.py") == NEW


def test_a_remote_that_is_not_there_is_named(clones: tuple[GitProject, GitProject], tmp_path: Path) -> None:
    first, _ = clones
    with pytest.raises(ProjectError, match="has no remote 'upstream'"):
        GitProject(first.root, remote="upstream")
    (tmp_path / "shared.git").rename(tmp_path / "gone.git")
    with pytest.raises(StorageError, match="git fetch origin"):
        first.base()
