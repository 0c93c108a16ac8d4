"""Names in a PixelFS: which are allowed, and which file below the root holds each.

A stored path is one or more parts joined with "/". It comes from outside, so it is checked against the strictest of the
file systems that a root may be copied to (Windows' rules for names, 255 bytes a name on Linux), and no link below the
root is ever followed. The file of "a/b.bin" is "root/a/b.bin.pxi".
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pixel_llm.errors import InvalidArgumentError, StorageError

SUFFIX = ".pxi"
MAX_PART_BYTES = 200  # leaves room for ".pxi" and for a temporary name under the usual limit of 255
MAX_PATH_BYTES = 1024

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029<>:"|?*]')
_DEVICES = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?", re.IGNORECASE
)
_REMEDY = 'use a relative path such as "folder/name.bin"'


def split_path(path: str) -> tuple[str, ...]:
    """The parts of a stored path.

    Raises InvalidArgumentError for everything that could leave the root, mean two things on two systems, or not be
    stored on one of them.
    """
    if not isinstance(path, str):
        raise InvalidArgumentError(f"a path is text, not {type(path).__name__}", remedy=_REMEDY)
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        raise _refused(path, "is not valid Unicode") from None
    if not path:
        raise _refused(path, "is empty")
    if length > MAX_PATH_BYTES:
        raise _refused(path, f"has {length} bytes, the longest allowed has {MAX_PATH_BYTES}")
    if "\\" in path:
        raise _refused(path, 'contains a backslash; parts are joined with "/"')
    if path.startswith("/"):
        raise _refused(path, "is absolute")
    parts = tuple(path.split("/"))
    for index, part in enumerate(parts):
        problem = _part_problem(part, leaf=index == len(parts) - 1)
        if problem:
            raise _refused(path, problem)
    return parts


def stored_file(root: Path, path: str) -> Path:
    """The `.pxi` file that holds `path` below `root`, whether it exists or not.

    Raises InvalidArgumentError for a refused name or a link on the way, StorageError where the system does.
    """
    *folders, leaf = split_path(path)
    steps = [*folders, leaf + SUFFIX]
    for step in steps:
        root = root / step
        try:
            mode = root.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise StorageError(error.strerror or str(error), file=root) from error
        if stat.S_ISLNK(mode):
            raise _refused(path, f"leads through the link {root}; links could leave the root and are not followed")
        if step is steps[-1] and not stat.S_ISREG(mode):
            raise _refused(path, f"belongs to {root}, which is not a regular file")
    return root


def stored_paths(root: Path, prefix: str = "") -> Iterator[str]:
    """Stored paths that begin with `prefix`, in no particular order; links and files of others are passed over."""
    pending = [prefix.rpartition("/")[0]]
    if prefix.startswith("/"):
        raise _refused(prefix, "is absolute")
    while pending:
        folders, files = children(root, pending.pop())
        pending += [folder for folder in folders if folder.startswith(prefix)]
        yield from (file for file in files if file.startswith(prefix))


def children(root: Path, folder: str) -> tuple[list[str], list[str]]:
    """(folders, stored paths) directly in `folder` ("" is the root), which need not exist. A folder may be empty.

    Raises InvalidArgumentError for a refused folder, StorageError.
    """
    if folder:
        stored_file(root, f"{folder}/x")
    try:
        with os.scandir(root / folder) as entries:
            found = [(e.name, e.is_dir(follow_symlinks=False), e.is_file(follow_symlinks=False)) for e in entries]
    except (FileNotFoundError, NotADirectoryError):
        return [], []  # never written to, or its last file was deleted meanwhile
    except OSError as error:
        raise StorageError(error.strerror or str(error), file=root / folder) from error
    base = f"{folder}/" if folder else ""
    folders = [base + name for name, is_folder, _ in found if is_folder]
    files = [base + name.removesuffix(SUFFIX) for name, _, is_file in found if is_file and name.endswith(SUFFIX)]
    return [path for path in folders if is_valid(f"{path}/x")], [path for path in files if is_valid(path)]


def is_valid(path: str) -> bool:
    """Whether `path` may be stored."""
    try:
        split_path(path)
    except InvalidArgumentError:
        return False
    return True


def _part_problem(part: str, *, leaf: bool) -> str | None:
    if not part:
        return "has an empty part"
    if part in {".", ".."}:
        return f'has the part "{part}"'
    if _FORBIDDEN.search(part):
        return 'contains a control character or one of < > : " | ? *'
    if part[-1] in ". ":
        return f"has the part {part!r}, which ends with a dot or a space"
    if _DEVICES.fullmatch(part):
        return f'has the part "{part}", which is a device on Windows'
    if len(part.encode()) > MAX_PART_BYTES:
        return f"has a part of {len(part.encode())} bytes, the longest allowed has {MAX_PART_BYTES}"
    if not leaf and part.lower().endswith(SUFFIX):
        return f'has the folder "{part}", which could be another path\'s file'
    return None


def _refused(path: str, problem: str) -> InvalidArgumentError:
    shown = path if len(path) <= 80 else f"{path[:77]}..."
    return InvalidArgumentError(f"path {shown!r} {problem}", remedy=_REMEDY)
