"""What a writer is told: the task, the files as they are, the tests that it may see, and what earlier attempts taught.

Every prompt stands by itself: feedback is cumulative in it (best attempt, newest failing output, lessons without
repeats), not a growing conversation, so that a small model's context holds it. Whole files are asked for, since small
models apply edits badly; only for files too long to return are search/replace blocks allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pixel_llm.coach.loop.lessons import without_repeats
from pixel_llm.coach.loop.ranking import best
from pixel_llm.coach.types import AttemptRecord, Message, TaskSpec

WHOLE_FILE_LIMIT = 30_000  # characters; a longer file may be answered with search/replace blocks
OUTPUT_LIMIT = 4_000  # characters of failing output
REPAIRS = 2  # of one draft; then a fresh draft with the lessons does better than another repair

_RULES = """\
You write files for a software project. Tests that you cannot change decide whether your work is accepted.

Answer with each file in full, in a fenced block whose first line names its path, like this:

{example}

Write complete, working code. Never leave anything out and never write a comment in place of code. \
Write only these files: {targets}."""
_EDIT_RULES = """

These files are too long to return: {long}. Change them with blocks of this form, with the path above each block; \
the SEARCH part repeats lines of the file exactly and only once in the file:

path/to/file.py
<<<<<<< SEARCH
lines as they are
=======
lines as they should be
>>>>>>> REPLACE"""


def build_prompt(
    task: TaskSpec,
    files: Mapping[str, str | None],
    history: Sequence[AttemptRecord] = (),
    *,
    lessons: Sequence[str] = (),
    limit: int = 60_000,
) -> tuple[Message, ...]:
    """The messages for the next attempt at `task`.

    `files` holds the target and context files' text, None for one that does not exist; `lessons` come before those of
    `history`. `limit` bounds the prompt in
    characters; where it is too small for all, context files are cut first (the longest most), then failing output, and
    what is cut says so. The task's description, its target files and the visible tests are never cut.
    """
    long = [p for p in task.target_files if len(files.get(p) or "") > WHOLE_FILE_LIMIT]
    rules = _RULES.format(targets=", ".join(task.target_files), example=_example(task))
    if long:
        rules += _EDIT_RULES.format(long=", ".join(long))
    earlier = _earlier(history)
    fixed = [
        _task_text(task),
        *_targets(task, files, earlier),
        *_visible_tests(task),
        *_feedback(history, earlier, lessons),
    ]
    room = limit - len(rules) - sum(len(part) + 2 for part in fixed)
    context = _context(task, files, max(room, 0))
    parts = [fixed[0], *context, *fixed[1:], _ending(task, earlier)]
    return Message(role="system", content=rules), Message(role="user", content="\n\n".join(parts))


def is_fresh_draft(history: Sequence[AttemptRecord]) -> bool:
    """Whether the next attempt starts anew instead of repairing the best one."""
    return not history or len(history) % (REPAIRS + 1) == 0 or best(history) is None


def fenced(path: str, text: str, language: str | None = None) -> str:
    """`text` in a fence longer than any in it."""
    runs = [len(run) for run in re.findall(r"^ {0,3}(`{3,})", text, re.MULTILINE)]
    fence = "`" * max(3, max(runs, default=0) + 1)
    name = _LANGUAGES.get(PurePosixPath(path).suffix, "") if language is None else language
    return f"{fence}{name} {path}".rstrip() + f"\n{text.rstrip()}\n{fence}"


_LANGUAGES = {
    ".py": "python",
    ".wgsl": "wgsl",
    ".md": "markdown",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".js": "javascript",
    ".ts": "typescript",
    ".rs": "rust",
    ".go": "go",
    ".c": "c",
    ".h": "c",
    ".cpp": "cpp",
    ".java": "java",
    ".sh": "sh",
}


def _earlier(history: Sequence[AttemptRecord]) -> AttemptRecord | None:
    """The attempt to repair."""
    return None if is_fresh_draft(history) else best(history)


def _task_text(task: TaskSpec) -> str:
    return f"# {task.title}\n\n{task.description}".rstrip()


def _targets(task: TaskSpec, files: Mapping[str, str | None], earlier: AttemptRecord | None) -> list[str]:
    """The files to write, as the best attempt has them or as they are in the project."""
    written = {f.path: f.content for f in earlier.files} if earlier else {}
    parts = []
    for path in task.target_files:
        if path in written:
            parts.append(f"Your last version of {path}:\n\n{fenced(path, written[path])}")
        elif (text := files.get(path)) is not None:
            parts.append(f"{path} as it is:\n\n{fenced(path, text)}")
        else:
            parts.append(f"{path} does not exist yet.")
    return parts


def _visible_tests(task: TaskSpec) -> list[str]:
    parts = [f"A test that must pass:\n\n{fenced(test.path, test.content)}" for test in task.visible_tests]
    if task.test_command:
        parts.append(f"This command must succeed: {' '.join(task.test_command)}")
    return parts


def _feedback(history: Sequence[AttemptRecord], earlier: AttemptRecord | None, lessons: Sequence[str]) -> list[str]:
    parts = []
    if earlier and (output := _failing_output(history)):
        parts.append(f"What the tests printed:\n\n{fenced('', output, '')}")
    learnt = without_repeats((*lessons, *(lesson for attempt in history for lesson in attempt.lessons)))
    if learnt:
        parts.append("Mistakes so far; avoid every one of them:\n" + "\n".join(f"- {lesson}" for lesson in learnt))
    return parts


def _failing_output(history: Sequence[AttemptRecord]) -> str:
    """The tail of the newest output of tests that failed, those of hidden tests excepted."""
    for attempt in reversed(history):
        for report in attempt.reports:
            if report.kind != "hidden" and not report.ok and report.output.strip():
                return tail(report.output, OUTPUT_LIMIT)
    return ""


def _context(task: TaskSpec, files: Mapping[str, str | None], room: int) -> list[str]:
    """The context files within `room` characters: short ones whole, the longest cut."""
    texts = {p: t for p in task.context_files if p not in task.target_files and (t := files.get(p)) is not None}
    left, parts = room, {}
    for number, path in enumerate(sorted(texts, key=lambda p: len(texts[p]))):
        share = left // (len(texts) - number)
        text = texts[path]
        overhead = len(path) + 60
        if len(text) + overhead > share:
            kept = max(share - overhead - 40, 0)
            lines = text[:kept].rsplit("\n", 1)[0] if kept else ""
            missing = text.count("\n", len(lines)) + 1
            text = f"{lines}\n[{missing} more lines are not shown]".lstrip("\n")
        parts[path] = f"For reference, {path}:\n\n{fenced(path, text)}"
        left -= len(parts[path])
    return [parts[p] for p in texts]


def _example(task: TaskSpec) -> str:
    """The form of an answer, with the name of a real target: small models copy what they see."""
    return fenced(task.target_files[0] if task.target_files else "path/to/file.py", "<the whole file>")


def _ending(task: TaskSpec, earlier: AttemptRecord | None) -> str:
    names = " and ".join(task.target_files)
    if earlier is None:
        return f"Write {names} now."
    return f"Find the cause, then write the whole of {names} again with everything put right."


def tail(text: str, limit: int) -> str:
    """The last lines of `text` in at most `limit` characters."""
    text = text.rstrip()
    if len(text) <= limit:
        return text
    return "[…]\n" + text[-limit:].split("\n", 1)[-1]
