"""PixelFS through fsspec: `fsspec.open("pixelfs://a/b.bin", root="store")` and everything that is built on it.

Folders are not stored: one exists while something is in it, so `mkdir` does nothing. Appending, updating in place and
transactions are not offered.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from fsspec import AbstractFileSystem

from pixel_llm.core.pixelfs import FileInfo, PixelFS, default_root
from pixel_llm.core.pixelfs_paths import children, is_valid, stored_paths
from pixel_llm.core.pixelfs_source import spool_file
from pixel_llm.errors import AlreadyExistsError, FormatError, IntegrityError, NotFoundError, UnsupportedError


class PixelFileSystem(AbstractFileSystem):  # type: ignore[misc]
    """An fsspec filesystem over `PixelFS(root)`; `root` as the command line has it: PIXELFS_ROOT, else `./pixelfs`.

    A missing path is FileNotFoundError, an existing one in mode "x" FileExistsError; the errors of PixelFS else.
    """

    protocol = "pixelfs"
    root_marker = ""
    cachable = False  # a relative root means another folder after chdir

    def __init__(self, root: str | os.PathLike[str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.store = PixelFS(default_root() if root is None else root)

    @property
    def fsid(self) -> str:
        return f"pixelfs_{self.store.root}"

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        if path and is_valid(path) and self.store.exists(path):
            with _translated(path):
                return _entry(self.store.info(path))
        if not path or self._has_folder(path):
            return {"name": path, "size": 0, "type": "directory"}
        return _not_found(path)

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> list[Any]:
        path = self._strip_protocol(path)
        folders, files = children(self.store.root, path) if not path or is_valid(f"{path}/x") else ([], [])
        folders = [folder for folder in folders if self._has_folder(folder)]
        if path and not folders and not files:
            entry = self.info(path)
            return [entry] if detail else [path]
        if not detail:
            return sorted({*folders, *files})
        entries: list[dict[str, Any]] = [{"name": name, "size": 0, "type": "directory"} for name in folders]
        for name in files:
            try:
                entries.append(_entry(self.store.info(name)))
            except NotFoundError:
                continue  # deleted meanwhile
            except (IntegrityError, FormatError) as error:
                entries.append({"name": name, "size": None, "type": "file", "error": str(error)})
        return sorted(entries, key=lambda entry: str(entry["name"]))

    def exists(self, path: str, **kwargs: Any) -> bool:
        path = self._strip_protocol(path)
        return not path or (is_valid(path) and (self.store.exists(path) or self._has_folder(path)))

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> bytes:
        path = self._strip_protocol(path)
        with _translated(path):
            if (start or 0) < 0 or (end or 0) < 0:
                size = self.store.info(path).size
                start = max(0, size + start) if start is not None and start < 0 else start
                end = max(0, size + end) if end is not None and end < 0 else end
            start = start or 0
            return self.store.read(path, start, None if end is None else max(0, end - start))

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        path = self._strip_protocol(path)
        with _translated(path):
            self.store.write(path, value, overwrite=mode != "create")

    def put_file(self, lpath: str, rpath: str, callback: Any = None, mode: str = "overwrite", **kwargs: Any) -> None:
        rpath = self._strip_protocol(rpath)
        if Path(lpath).is_dir():
            return
        with _translated(rpath), Path(lpath).open("rb") as source:
            self.store.write(rpath, source, overwrite=mode != "create")
        if callback is not None:
            callback.set_size(Path(lpath).stat().st_size)
            callback.absolute_update(Path(lpath).stat().st_size)

    def cp_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        if self.isdir(path1) and not self.isfile(path1):
            return
        with _translated(path1), self.store.open_read(path1) as source:
            self.store.write(path2, source)

    def rm_file(self, path: str) -> None:
        path = self._strip_protocol(path)
        with _translated(path):
            self.store.delete(path)

    def _rm(self, path: str) -> None:
        self.rm_file(path)

    def rm(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> None:
        for name in reversed(self.expand_path(path, recursive=recursive, maxdepth=maxdepth)):
            if self.store.exists(name):
                self.rm_file(name)
            elif self._has_folder(name):
                raise IsADirectoryError(f"{name} is a folder: remove it with recursive=True")
            elif not recursive:  # else: a folder whose last file has just been removed
                _not_found(name)

    def mkdir(self, path: str, create_parents: bool = True, **kwargs: Any) -> None:
        """Does nothing: a folder exists while something is stored in it."""

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Does nothing, as `mkdir`."""

    def created(self, path: str) -> Any:
        return self.modified(path)

    def modified(self, path: str) -> Any:
        return self.info(path)["modified"]

    def checksum(self, path: str) -> int:
        return int(self.ukey(path)[:16], 16)

    def ukey(self, path: str) -> str:
        return str(self.info(path)["content_hash"])

    def touch(self, path: str, truncate: bool = True, **kwargs: Any) -> None:
        if not truncate and self.exists(path):
            raise UnsupportedError("PixelFS changes no times", file=self.store.root, part=path)
        self.pipe_file(path, b"")

    @property
    def transaction(self) -> NoReturn:
        raise UnsupportedError("PixelFS has no transactions", remedy="each write of one path is atomic")

    def start_transaction(self) -> NoReturn:
        raise UnsupportedError("PixelFS has no transactions", remedy="each write of one path is atomic")

    def _open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        with _translated(path):
            if mode == "rb":
                return self.store.open_read(path)
            if mode in {"wb", "xb"}:
                if mode == "xb" and self.store.exists(path):
                    raise AlreadyExistsError("is stored already", file=self.store.root, part=path)
                return PixelFSWriter(self.store, path, overwrite=mode == "wb")
        raise UnsupportedError(f"mode {mode!r} is not offered", part=path, remedy="use rb, wb or xb and write anew")

    def _has_folder(self, path: str) -> bool:
        return is_valid(f"{path}/x") and any(stored_paths(self.store.root, f"{path}/"))


class PixelFSWriter(io.BufferedIOBase):
    """A file open for writing: kept aside, beyond 8 MiB in an unnamed temporary file, stored when it is closed.

    Leaving a `with` block through an exception, or `discard`, stores nothing.
    """

    def __init__(self, store: PixelFS, path: str, *, overwrite: bool) -> None:
        super().__init__()
        self._store = store
        self._path = path
        self._overwrite = overwrite
        self._spool = spool_file(store.root)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._spool.tell()

    def write(self, data: Any) -> int:
        if self.closed:
            raise ValueError("write to a closed file")
        return self._spool.write(data)

    def close(self) -> None:
        if self.closed:
            return
        try:
            self._spool.seek(0)
            with _translated(self._path):
                self._store.write(self._path, self._spool, overwrite=self._overwrite)
        finally:
            self.discard()

    def discard(self) -> None:
        """Closes without storing anything."""
        self._spool.close()
        super().close()

    def __del__(self) -> None:
        # Not stored: whoever lost the file without closing it has most likely not written all of it.
        if not self.closed:
            warnings.warn(
                f"{self._path!r} was never closed and is not stored", ResourceWarning, stacklevel=1, source=self
            )
            self.discard()

    def __exit__(self, kind: object, *details: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except NotFoundError:
        _not_found(path)
    except AlreadyExistsError as error:
        raise FileExistsError(str(error)) from error


def _not_found(path: str) -> NoReturn:
    raise FileNotFoundError(f"nothing is stored under {path!r}") from None


def _entry(info: FileInfo) -> dict[str, Any]:
    return {
        "name": info.path,
        "size": info.size,
        "type": "file",
        "modified": info.modified,
        "content_hash": info.content_hash,
    }
