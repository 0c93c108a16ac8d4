"""Where downloads live, and the lock that keeps two processes from fetching the same thing at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pixel_llm.core.user_cache import cache_folder
from pixel_llm.errors import BusyError, StorageError

LOCK_TIMEOUT = 3600.0  # seconds; a large model on a slow line takes long, and then the second process has it for free


def models_folder() -> Path:
    """Where pulled models lie."""
    return cache_folder() / "models"


def make_folder(path: Path) -> None:
    """Create `path` and its parents; `StorageError` when the system refuses."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot create the folder: {error.strerror or error}",
            file=path,
            remedy="set PIXEL_LLM_CACHE to a folder that you can write to",
        ) from error


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def download_lock(
    target: Path, *, waiting: Callable[[], None] | None = None, timeout: float = LOCK_TIMEOUT
) -> Iterator[None]:
    """Hold the lock of `target` across processes; `waiting` is called once when another process has it.

    Raises `BusyError` after `timeout` seconds.
    """
    import portalocker

    make_folder(target.parent)
    lock_file = target.with_name(target.name + ".lock")

    def lock(seconds: float) -> portalocker.Lock[IO[str]]:
        return portalocker.Lock(lock_file, "a", timeout=seconds, fail_when_locked=seconds == 0)

    held = lock(0)
    try:
        held.acquire()
    except portalocker.LockException:
        if waiting is not None:
            waiting()
        held = lock(timeout)
        try:
            held.acquire()
        except portalocker.LockException as error:
            raise BusyError(
                f"another process has been downloading it for over {timeout:.0f} s",
                file=target,
                remedy="end that process, then try again",
            ) from error
    try:
        yield
    finally:
        held.release()
