"""A model's answer -> the files in it. What is doubtful is refused with a reason that helps the writer, never guessed.

Two forms are understood. A whole file in a fence, whose path stands in the fence's first line, in the line above the
fence or in a comment on the block's first line:

    ```python src/add.py
    def add(a, b): ...
    ```

And search/replace blocks for files too long to return whole:

    src/add.py
    <<<<<<< SEARCH
    return a - b
    =======
    return a + b
    >>>>>>> REPLACE

Fences follow CommonMark 0.31 section 4.5, except that a Python block goes on to a later closing fence where that is
what makes it parse (a docstring with a fence in it).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pixel_llm.coach.loop.checks import parse_python
from pixel_llm.coach.loop.placeholders import placeholder
from pixel_llm.coach.types import MAX_TEXT, relative_path

MAX_ANSWER = 2_000_000  # characters; an answer beyond it is cut off before it is read

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_PATH = r"[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)*"
_NAMED_ABOVE = re.compile(
    rf"^\s*(?:#{{1,6}}\s+|[-*]\s+|\d+\.\s+)?(?:\*\*|__)?(?:(?:file|path|filename)\s*:\s*)?[`'\"]?(?P<path>{_PATH})[`'\"]?"
    r"(?:\*\*|__)?\s*:?(?:\*\*|__)?\s*$",
    re.IGNORECASE,
)
_NAMED_INSIDE = re.compile(
    rf"^\s*(?:#|//|--|;|/\*|<!--)\s*(?:(?:file|path|filename)\s*:\s*)?(?P<path>{_PATH})\s*(?:\*/|-->)?\s*$",
    re.IGNORECASE,
)
_INFO_KEY = re.compile(rf"(?:title|file|filename|path)\s*=\s*[\"']?(?P<path>{_PATH})[\"']?", re.IGNORECASE)
_SEARCH = re.compile(r"^<{5,9} ?SEARCH\s*$")
_DIVIDER = re.compile(r"^={5,9}\s*$")
_REPLACE = re.compile(r"^>{5,9} ?REPLACE\s*$")


@dataclass(frozen=True, slots=True)
class Extraction:
    """`files`: path -> the whole new content. With `problems` the answer is not to be used; each says what to do
    better. `notes` is what was passed over: a second version of a file, a block that belongs to no target."""

    files: Mapping[str, str]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Block:
    path: str | None
    language: str
    lines: list[str]
    closed: bool


@dataclass(slots=True)
class _Edit:
    path: str | None
    search: list[str]
    replace: list[str]


@dataclass(slots=True)
class _Found:
    blocks: list[_Block] = field(default_factory=list)
    edits: list[_Edit] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def extract(
    answer: str,
    targets: tuple[str, ...],
    original: Callable[[str], str | None],
    *,
    cut_off: bool = False,
) -> Extraction:
    """The files in `answer`.

    `targets` are the paths that the writer may write; `original(path)` is a file's content before, or None where there
    is none. `cut_off` says that the provider ended the answer at its token limit. Never raises for what a model wrote.
    """
    found = _scan(answer[:MAX_ANSWER].replace("\r\n", "\n").split("\n"), targets)
    files: dict[str, str] = {}
    notes: list[str] = []
    problems = found.problems
    for block in _choose(found, targets, notes, answer):
        assert block.path is not None
        if not block.closed and (cut_off or not _looks_whole(block)):
            why = (
                "at the token limit: write less, or use search/replace blocks" if cut_off else "without a closing fence"
            )
            problems.append(f"{block.path}: the answer stops in the middle of the file, {why}")
            continue
        if block.path in files:
            notes.append(f"{block.path}: written twice; the last version counts")
        content = "\n".join(block.lines).rstrip() + "\n"
        if where := placeholder(content, block.path, original(block.path)):
            problems.append(f"{block.path}: {where!r} stands for code that was left out; write the whole file")
        files[block.path] = content
    for edit in found.edits:
        _apply(edit, targets, original, files, problems)
    for path in [path for path, content in files.items() if len(content) > MAX_TEXT]:
        problems.append(f"{path}: {len(files.pop(path)):,} characters; a file has {MAX_TEXT:,} at most")
    if not files and not problems:
        others = ", ".join(note.split(":")[0] for note in notes if "not a file of this task" in note)
        problems.append(
            (f"the answer has {others}, which was not asked for" if others else "the answer has no file in it")
            + f": put {' and '.join(targets)} in a fence whose first line names its path"
            + (" (the answer was cut off at the token limit)" if cut_off else "")
        )
    for path in targets:
        if path not in files and not problems and original(path) is None:
            problems.append(f"{path}: the answer does not contain this file")
    return Extraction(files, tuple(problems), tuple(notes))


def _scan(lines: list[str], targets: tuple[str, ...]) -> _Found:
    found = _Found()
    above: str | None = None  # the last line with text in it, outside of blocks
    i = 0
    while i < len(lines):
        if _SEARCH.match(lines[i]):
            i = _scan_edit(lines, i, _path_in(above, targets), found)
            continue
        fence = _FENCE.match(lines[i])
        if fence is None or (fence["fence"][0] == "`" and "`" in fence["info"]):
            if lines[i].strip():
                above = lines[i]
            i += 1
            continue
        end = _closing(lines, i, fence["fence"])
        body = lines[i + 1 : end]
        if any(_SEARCH.match(line) for line in body):
            path = _path_in_info(fence["info"], targets)[0] or _path_in(above, targets)
            _scan_edits(body, path, targets, found)
        else:
            block = _block(fence["info"], above, body, targets, closed=end < len(lines))
            end = _extend(block, lines, i, end, fence["fence"])
            found.blocks.append(block)
        above = None
        i = end + 1
    return found


def _closing(lines: list[str], start: int, fence: str) -> int:
    """The line of the closing fence, or len(lines)."""
    for i in range(start + 1, len(lines)):
        match = _FENCE.match(lines[i])
        if match and match["fence"][0] == fence[0] and len(match["fence"]) >= len(fence) and not match["info"].strip():
            return i
    return len(lines)


def _extend(block: _Block, lines: list[str], start: int, end: int, fence: str) -> int:
    """A Python file with a fence in a docstring ends where it parses."""
    if block.language not in ("python", "py") or not block.closed or _parses("\n".join(block.lines)):
        return end
    skipped = end - start - 1 - len(block.lines)  # a first line that only named the path
    later = end
    for _ in range(8):
        later = _closing(lines, later, fence)
        if later >= len(lines):
            break
        longer = lines[start + 1 + skipped : later]
        if _parses("\n".join(longer)):
            block.lines = longer
            return later
    return end


def _looks_whole(block: _Block) -> bool:
    """A model may forget the last fence of an answer that it has finished."""
    return block.language in ("python", "py") and bool(block.lines) and _parses("\n".join(block.lines))


def _parses(source: str) -> bool:
    return not isinstance(parse_python(source), str)


def _block(info: str, above: str | None, body: list[str], targets: tuple[str, ...], *, closed: bool) -> _Block:
    path, language = _path_in_info(info, targets)
    if path is None:
        path = _path_in(above, targets)
    if path is None and body and (match := _NAMED_INSIDE.match(body[0])):
        path = _as_target(match["path"], targets)
        if path is not None:
            body = body[1:]
    if not language and path is not None and PurePosixPath(path).suffix == ".py":
        language = "python"
    return _Block(path, language, body, closed)


def _path_in_info(info: str, targets: tuple[str, ...]) -> tuple[str | None, str]:
    """The path and the language that a fence's first line names."""
    info = info.strip()
    words = info.replace(":", " ", 1).split() if ":" in info else info.split()
    if match := _INFO_KEY.search(info):
        return _as_target(match["path"], targets), words[0].lower()
    for word in words:
        path = _as_target(word.strip("`'\"{}()"), targets)
        if path is not None or "/" in word or word in targets:
            return path, "" if word == words[0] else words[0].lower()
    return None, words[0].lower().strip("{}.") if words else ""


def _path_in(line: str | None, targets: tuple[str, ...]) -> str | None:
    """The target that the line above a block names: alone, or once and between backticks in a sentence."""
    if line is None:
        return None
    if match := _NAMED_ABOVE.match(line):
        return _as_target(match["path"], targets)
    quoted = {p for word in re.findall(r"`([^`]+)`", line) if (p := _as_target(word, targets)) in targets}
    return quoted.pop() if len(quoted) == 1 else None


def _as_target(path: str, targets: tuple[str, ...]) -> str | None:
    """`path` in the form of a target; a path that is none stays as it is, so that it can be refused by name."""
    try:
        plain = relative_path(path.removeprefix("./"))
    except ValueError:
        return None
    if plain in targets:
        return plain
    same_name = [t for t in targets if PurePosixPath(t).name == plain]
    if len(same_name) == 1:
        return same_name[0]
    return plain if "/" in plain or PurePosixPath(plain).suffix else None


def _choose(found: _Found, targets: tuple[str, ...], notes: list[str], answer: str) -> list[_Block]:
    """The blocks that are targets. With one target and no named block, the longest block is it."""
    chosen = [b for b in found.blocks if b.path in targets]
    strange = sorted({b.path for b in found.blocks if b.path is not None and b.path not in targets})
    notes.extend(f"{path}: not a file of this task; it was not written" for path in strange)
    if chosen or found.edits or len(targets) != 1:
        return chosen
    [target] = targets
    unnamed = [b for b in found.blocks if b.path is None]
    if unnamed:
        best = max(unnamed, key=lambda b: len("\n".join(b.lines)))
        best.path = target
        if len(unnamed) > 1:
            notes.append(f"{target}: {len(unnamed)} blocks have no path; the longest one counts")
        return [best]
    if not found.blocks and target.endswith(".py") and _is_bare_python(answer):
        return [_Block(target, "python", answer.strip().split("\n"), closed=True)]
    return []


def _is_bare_python(answer: str) -> bool:
    """Python without a fence around it; prose that happens to parse has no definition in it."""
    tree = parse_python(answer)
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return not isinstance(tree, str) and any(isinstance(node, definitions) for node in tree.body)


def _scan_edits(body: list[str], path: str | None, targets: tuple[str, ...], found: _Found) -> None:
    i = 0
    while i < len(body):
        if _SEARCH.match(body[i]):
            i = _scan_edit(body, i, path, found)
        else:
            path = _path_in(body[i], targets) or path
            i += 1


def _scan_edit(lines: list[str], start: int, path: str | None, found: _Found) -> int:
    """Reads one block from its SEARCH line on; gives the line after it."""
    divider = next((i for i in range(start + 1, len(lines)) if _DIVIDER.match(lines[i])), None)
    end = next((i for i in range(start + 1, len(lines)) if _REPLACE.match(lines[i])), None)
    if divider is None or end is None or end < divider:
        found.problems.append("a search/replace block does not end: it needs its ======= and its >>>>>>> REPLACE line")
        return len(lines) if end is None else end + 1
    found.edits.append(_Edit(path, lines[start + 1 : divider], lines[divider + 1 : end]))
    return end + 1


def _apply(
    edit: _Edit,
    targets: tuple[str, ...],
    original: Callable[[str], str | None],
    files: dict[str, str],
    problems: list[str],
) -> None:
    path = edit.path if edit.path is not None or len(targets) != 1 else targets[0]
    if path not in targets:
        problems.append(f"{path or 'a search/replace block'}: name one of the task's files in the line above the block")
        return
    assert path is not None
    content = files[path] if path in files else original(path)
    if content is None:
        if any(line.strip() for line in edit.search):
            problems.append(
                f"{path}: there is no such file yet, so nothing can be searched in it; write the whole file"
            )
        else:
            files[path] = "\n".join(edit.replace).rstrip() + "\n"
        return
    lines = content.split("\n")
    places = _places(lines, edit.search)
    if len(places) != 1:
        first = next((line.strip() for line in edit.search if line.strip()), "")
        why = "is not in the file" if not places else f"is there {len(places)} times; quote more lines around it"
        problems.append(f"{path}: the text to search, starting {first[:80]!r}, {why}")
        return
    replacement = "\n".join(edit.replace)
    if where := placeholder(replacement, path, content):
        problems.append(f"{path}: {where!r} stands for code that was left out")
        return
    lines[places[0] : places[0] + len(edit.search)] = edit.replace
    files[path] = "\n".join(lines)


def _places(lines: list[str], search: list[str]) -> list[int]:
    """Where `search` stands in `lines`: to the letter, or else apart from spaces at the ends of lines."""
    if not search or not any(s.strip() for s in search):
        return []
    n = len(search)
    exact = [i for i in range(len(lines) - n + 1) if lines[i : i + n] == search]
    if exact:
        return exact
    wanted = [s.rstrip() for s in search]
    return [i for i in range(len(lines) - n + 1) if [s.rstrip() for s in lines[i : i + n]] == wanted]
