"""The writers' lock: one process at a time changes a file; readers need none."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import portalocker

from pixel_llm.core.durable import DurableFile
from pixel_llm.errors import BusyError, PxiFormatError, StorageError

_FLAGS = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


def open_locked(path: Path) -> DurableFile:
    """Open a file for writing and lock it; closing it unlocks. `BusyError` when another writer holds it."""
    while True:
        file = DurableFile.open(path)
        try:
            if not stat.S_ISREG(os.fstat(file.fd).st_mode):
                raise PxiFormatError("not a regular file", file=path)
            portalocker.lock(file.fd, _FLAGS)
            if os.path.samestat(os.fstat(file.fd), path.stat()):
                return file
        except portalocker.AlreadyLocked:
            file.close()
            raise BusyError("another process is writing this file", file=path, remedy="try again later") from None
        except FileNotFoundError:
            pass  # removed or replaced between opening and locking: look again
        except portalocker.LockException as error:
            file.close()
            raise StorageError(f"cannot lock the file: {error}", file=path) from error
        except BaseException:
            file.close()
            raise
        file.close()
