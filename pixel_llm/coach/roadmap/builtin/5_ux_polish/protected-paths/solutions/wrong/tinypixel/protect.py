"""Which files a model's answer may write."""

import pathlib
import re
import stat

_RUNS = ("conftest.py", "sitecustomize.py", "usercustomize.py")


class Refused(ValueError):
    """The file must not be written."""


def check(root: pathlib.Path, path: str, targets: set[str], protected: set[str]) -> pathlib.Path:
    """The absolute path of a file that may be written."""
    if not path or "\\" in path or re.match(r"[A-Za-z]:", path) or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise Refused(f"{path!r} is not a relative POSIX path")
    plain = pathlib.PurePosixPath(path)
    if plain.is_absolute() or ".." in plain.parts or not plain.parts:
        raise Refused(f"{path!r} leaves the project")
    if str(plain) not in targets:
        raise Refused(f"{path!r} is not a file of this task")
    lower = [part.lower() for part in plain.parts]
    if lower[-1] in _RUNS or lower[-1].endswith(".pth") or ".git" in lower:
        raise Refused(f"{path!r} would be run by itself")
    for entry in protected:
        parts = [part.lower() for part in pathlib.PurePosixPath(entry).parts]
        if str(plain).lower().startswith(entry.lower() + "/"):
            raise Refused(f"{path!r} is protected by {entry!r}")
    place = root
    for number, part in enumerate(plain.parts):
        place = place / part
        try:
            state = place.lstat()
        except FileNotFoundError:
            break
        except NotADirectoryError:
            raise Refused(f"{path!r} is below a file") from None
        last = number == len(plain.parts) - 1
        if last and stat.S_ISLNK(state.st_mode):
            raise Refused(f"{path!r} goes through a link")
        if stat.S_ISLNK(state.st_mode):
            continue
        if last and (not stat.S_ISREG(state.st_mode) or state.st_nlink > 1):
            raise Refused(f"{path!r} is no regular file of its own")
        if not last and not stat.S_ISDIR(state.st_mode):
            raise Refused(f"{path!r} is below a file")
    return root.joinpath(*plain.parts)
