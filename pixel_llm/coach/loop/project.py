"""The user's repository: what the files were, a copy of them to try things in, and a branch for what was accepted.

Nothing here touches the working tree, the index or a branch of the user's. Copies are made from a commit with an index
of their own (a linked worktree would put a path into the user's repository where candidates run), commits are made with
git's plumbing and appear by a compare-and-swap of one ref. All accepted work lies on one branch, so that a task finds
there what the tasks it depends on have made.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pixel_llm.coach.types import TaskFile, Value
from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError

_IDENTITY = {
    "GIT_AUTHOR_NAME": "pixel-llm coach",
    "GIT_AUTHOR_EMAIL": "coach@pixel-llm.invalid",
    "GIT_COMMITTER_NAME": "pixel-llm coach",
    "GIT_COMMITTER_EMAIL": "coach@pixel-llm.invalid",
}
_TRIES = 20  # how often another worker may win the race for the branch before we give up


class ProjectError(InvalidArgumentError):
    """The repository is in a state in which the coach cannot work with it."""


class WrittenBack(Value):
    """What became of accepted files."""

    status: Literal["written", "conflict", "unchanged"]
    branch: str | None = None
    commit: str | None = None
    reason: str = ""


class Project(Protocol):
    """Where tasks come from and results go to."""

    def base(self) -> str:
        """The state that work starts from now, by a name that stays valid."""

    def read(self, base: str, path: str) -> str | None:
        """A file of that state, or None where there is none or it is not text."""

    def check_out(self, base: str, destination: Path) -> None:
        """A copy of that state in an empty folder."""

    def holding(self, base: str, lines: Sequence[str]) -> tuple[str, ...]:
        """The files of that state that contain every one of `lines`, indented or not."""

    def unsaved(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of `paths` that the user is working on and that `base` therefore does not show."""

    def write_back(
        self, base: str, files: Iterable[TaskFile], *, message: str, run: str, still_good: Callable[[str], bool]
    ) -> WrittenBack:
        """Put `files`, made from `base`, where the user finds them. Once for each `run`, however often it is called.

        `still_good(state)` is asked when other work was accepted since `base`.
        """


@dataclass(frozen=True)
class GitProject:
    """A folder in a git repository. `root` may be a folder below the repository's top; paths are relative to it.

    With `remote`, e.g. `origin`, the branch is the one there, which the clones of several machines share: it is fetched
    before it is looked at and pushed by compare-and-swap; the local branch follows.
    """

    root: Path
    branch: str = "coach/accepted"
    remote: str = ""
    _top: Path = field(init=False)
    _prefix: str = field(init=False)
    """From `_top` to `root`, with a / at its end, or empty."""

    def __post_init__(self) -> None:
        if not self.root.is_dir():
            raise NotFoundError("no such folder", file=self.root)
        object.__setattr__(self, "_top", self.root)
        answer = self._try_git("rev-parse", "--is-inside-work-tree", "--show-toplevel", "--show-prefix")
        where = (answer or "").split("\n")
        if where[0] != "true":
            raise ProjectError(
                "is not in a git repository",
                file=self.root,
                remedy="git init && git add -A && git commit -m 'Before the coach': what is accepted becomes a branch",
            )
        if self._try_git("check-ref-format", f"refs/heads/{self.branch}") is None:
            raise ProjectError(f"{self.branch!r} is not a name for a branch", file=self.root)
        if self.remote and self._try_git("remote", "get-url", self.remote) is None:
            raise ProjectError(f"has no remote {self.remote!r}", file=self.root, remedy="git remote -v lists them")
        object.__setattr__(self, "_top", Path(where[1]))
        object.__setattr__(self, "_prefix", where[2])

    def base(self) -> str:
        """The commit to start from: the coach's branch, with the user's HEAD merged in where that is newer.

        Raises ProjectError where there is no commit, the branch is checked out, or HEAD and it conflict.
        """
        self._refuse_checked_out()
        for _ in range(_TRIES):
            head = self._commit("HEAD")
            if head is None:
                raise ProjectError(
                    "the repository has no commit yet", file=self.root, remedy="git add -A && git commit"
                )
            tip = self._tip()
            if tip is None or self._is_ancestor(tip, head):
                # Other machines find the state that this one starts from on the shared branch.
                if not self.remote or tip == head or self._move_branch(tip, head):
                    return head
                continue
            if self._is_ancestor(head, tip):
                return tip
            merged = self._try_git("merge-tree", "--write-tree", tip, head)
            if merged is None:
                raise ProjectError(
                    f"HEAD and {self.branch} have changed the same lines",
                    file=self.root,
                    remedy=f"git merge {self.branch}, and resolve the conflicts",
                )
            tree = merged.split("\n", 1)[0]
            commit = self._git(
                "commit-tree", tree, "-p", tip, "-p", head, "-m", "Merge the user's work", environment=_IDENTITY
            ).strip()
            if self._move_branch(tip, commit):
                return commit
        raise StorageError(f"{self.branch} kept moving", file=self.root)

    def read(self, base: str, path: str) -> str | None:
        """The text of `path` in `base`; None where there is no such file, or it is a link or not UTF-8."""
        self._require(base)
        mode, blob = self._entry(base, path)
        if blob is None or mode not in ("100644", "100755"):
            return None
        try:
            return self._run(("cat-file", "blob", blob), None, None).stdout.decode()
        except UnicodeDecodeError:
            return None

    def check_out(self, base: str, destination: Path) -> None:
        """The files of `base` below `root` in `destination`, which is made."""
        destination.mkdir(parents=True, exist_ok=True)
        if any(destination.iterdir()):
            raise InvalidArgumentError("is not empty", file=destination)
        self._require(base)
        with tempfile.TemporaryDirectory(prefix="pixel-llm-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", f"{base}:{self._prefix}", environment=index)
            self._git("checkout-index", "--all", "--quiet", f"--prefix={destination}{os.sep}", environment=index)

    def holding(self, base: str, lines: Sequence[str]) -> tuple[str, ...]:
        """The files of `base` below `root` that contain every one of `lines`; none where there are no lines."""
        if not lines:
            return ()
        patterns = [part for line in lines for part in ("-e", line)]
        where = ("--", self._prefix) if self._prefix else ()
        arguments = (
            "grep",
            "--files-with-matches",
            "--null",
            "--fixed-strings",
            "--all-match",
            *patterns,
            base,
            *where,
        )
        done = self._run(arguments, None, None)
        if done.returncode > 1:  # 1: nothing found
            raise StorageError(f"git grep: {_said(done)}", file=self.root)
        found = done.stdout.decode(errors="surrogateescape").split("\0")
        return tuple(name.removeprefix(f"{base}:").removeprefix(self._prefix) for name in found if name)

    def unsaved(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of `paths` with changes that are not committed, new files included."""
        names = [self._prefix + path for path in paths]
        if not names:
            return ()
        listing = self._git("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", *names)
        return tuple(sorted(line[3:].removeprefix(self._prefix) for line in listing.split("\0") if line))

    def write_back(
        self, base: str, files: Iterable[TaskFile], *, message: str, run: str, still_good: Callable[[str], bool]
    ) -> WrittenBack:
        """One commit with `files` on the branch, if none of them has changed there since `base`.

        The commit says which run made it, and a run's second call finds it: a crash after the commit repeats nothing.
        """
        files = tuple(files)
        for _ in range(_TRIES):
            self._refuse_checked_out()
            tip = self._tip()
            if tip is not None and (made := self._made_by(run, base, tip)):
                return WrittenBack(status="written", branch=self.branch, commit=made)
            on = base if tip is None or self._is_ancestor(tip, base) else tip
            if on != base:
                moved = [f.path for f in files if self._entry(on, f.path) != self._entry(base, f.path)]
                if moved:
                    reason = f"{', '.join(moved)} changed on {self.branch} while this was written"
                    return WrittenBack(status="conflict", branch=self.branch, reason=reason)
                if not still_good(on):
                    reason = f"the tests do not pass together with what was accepted on {self.branch} meanwhile"
                    return WrittenBack(status="conflict", branch=self.branch, reason=reason)
            tree = self._tree_with(on, files)
            if tree == self._git("rev-parse", f"{on}^{{tree}}").strip():
                return WrittenBack(status="unchanged", branch=None, commit=on)
            text = f"{message.rstrip()}\n\nCoach-Run: {run}\n"
            commit = self._git("commit-tree", tree, "-p", on, "-F", "-", stdin=text, environment=_IDENTITY).strip()
            if self._move_branch(tip, commit):
                return WrittenBack(status="written", branch=self.branch, commit=commit)
        return WrittenBack(status="conflict", branch=self.branch, reason=f"{self.branch} kept moving")

    def _tree_with(self, on: str, files: tuple[TaskFile, ...]) -> str:
        """The id of the tree of `on` with `files` in it; each keeps its mode."""
        with tempfile.TemporaryDirectory(prefix="pixel-llm-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", on, environment=index)
            lines = []
            for file in files:
                mode, _ = self._entry(on, file.path)
                if mode not in (None, "100644", "100755"):
                    raise InvalidArgumentError(
                        "is a link or a folder in the repository; the coach writes plain files", file=file.path
                    )
                blob = self._git("hash-object", "-w", "--stdin", stdin=file.content).strip()
                lines.append(f"{mode or '100644'} {blob}\t{self._prefix}{file.path}\0")
            self._git("update-index", "--add", "-z", "--index-info", stdin="".join(lines), environment=index)
            return self._git("write-tree", environment=index).strip()

    def _made_by(self, run: str, base: str, tip: str) -> str | None:
        """The commit of `run` between `base` and `tip`."""
        listing = self._git("log", "--format=%H %(trailers:key=Coach-Run,valueonly)", f"{base}..{tip}")
        made = (line.partition(" ") for line in listing.splitlines() if line)
        return next((commit for commit, _, of in made if of == run), None)

    def _tip(self) -> str | None:
        """Where the branch is, or None where there is none yet."""
        local = self._commit(f"refs/heads/{self.branch}")
        if not self.remote:
            return local
        self._fetch()
        tip = self._commit(f"refs/remotes/{self.remote}/{self.branch}")
        if local is not None and (tip is None or not self._is_ancestor(local, tip)):
            raise ProjectError(
                f"has work on {self.branch} that {self.remote} does not have",
                file=self.root,
                remedy=f"git push {self.remote} {self.branch}",
            )
        if tip is not None and tip != local:
            self._git("update-ref", f"refs/heads/{self.branch}", tip)
        return tip

    def _fetch(self) -> None:
        known = f"refs/remotes/{self.remote}/{self.branch}"
        done = self._run(("fetch", "--quiet", self.remote, f"+refs/heads/{self.branch}:{known}"), None, None)
        if done.returncode != 0 and b"couldn't find remote ref" in done.stderr:
            self._try_git("update-ref", "-d", known)
        elif done.returncode != 0:
            raise StorageError(f"git fetch {self.remote}: {_said(done)}", file=self.root)

    def _require(self, base: str) -> None:
        """Raises ProjectError where this clone does not have the commit `base`, which another machine may have made."""
        if self._commit(base) is None and self.remote:
            self._fetch()
        if self._commit(base) is None:
            raise ProjectError(
                f"has no commit {base}, from which another machine started",
                file=self.root,
                remedy="set `remote`, so that all machines share the branch",
            )

    def _move_branch(self, old: str | None, new: str) -> bool:
        """The branch at `new` if it was at `old` (None: did not exist)."""
        branch = f"refs/heads/{self.branch}"
        if self.remote:
            lease = f"--force-with-lease={branch}:{old or ''}"
            done = self._run(("push", "--quiet", "--no-verify", lease, self.remote, f"{new}:{branch}"), None, None)
        else:
            done = self._run(
                ("update-ref", "-m", "coach: accepted", branch, new, old or "0" * len(new)), None, _IDENTITY
            )
        if done.returncode != 0 and self._tip() == old:  # nobody else was faster
            raise StorageError(f"git {'push' if self.remote else 'update-ref'}: {_said(done)}", file=self.root)
        return done.returncode == 0

    def _refuse_checked_out(self) -> None:
        if f"branch refs/heads/{self.branch}\n" in self._git("worktree", "list", "--porcelain"):
            raise ProjectError(
                f"{self.branch} is checked out, and would change under your feet",
                file=self.root,
                remedy="git switch to a branch of yours; merge the coach's branch there",
            )

    def _entry(self, base: str, path: str) -> tuple[str | None, str | None]:
        """Mode and object id of `path` in `base`."""
        line = self._git("ls-tree", "-z", "--full-tree", base, "--", self._prefix + path).split("\0")[0]
        if not line:
            return None, None
        mode, _, blob = line.split("\t")[0].split()
        return mode, blob

    def _commit(self, name: str) -> str | None:
        found = self._try_git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return found.strip() if found else None

    def _is_ancestor(self, old: str, new: str) -> bool:
        return self._try_git("merge-base", "--is-ancestor", old, new) is not None

    def _git(self, *arguments: str, stdin: str | None = None, environment: Mapping[str, str] | None = None) -> str:
        """git's output; StorageError with git's own words where it fails."""
        done = self._run(arguments, None if stdin is None else stdin.encode(), environment)
        if done.returncode != 0:
            raise StorageError(f"git {arguments[0]}: {_said(done)}", file=self.root)
        return done.stdout.decode(errors="surrogateescape")

    def _try_git(self, *arguments: str) -> str | None:
        """git's output, or None where it fails: for questions."""
        done = self._run(arguments, None, _IDENTITY)
        return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else None

    def _run(
        self, arguments: tuple[str, ...], stdin: bytes | None, environment: Mapping[str, str] | None
    ) -> subprocess.CompletedProcess[bytes]:
        # No hooks, no prompts, no other repository than this folder's, whatever the environment says.
        own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        own |= {
            "LC_ALL": "C.UTF-8",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        settings = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
        try:
            return subprocess.run(
                ["git", *settings, *arguments],
                cwd=self._top,
                env=own | dict(environment or {}),
                input=stdin if stdin is not None else b"",
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise NotFoundError(
                "git is not installed", remedy="install git; the coach keeps its work on a branch"
            ) from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git says about a failure."""
    return done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
