"""The command line of PixelFS. Exit codes: 0 fine, 1 damage found, 2 usage, others as `pixel_llm/errors.py` says."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from pixel_llm.core.pixelfs import FileInfo, PixelFS, default_root
from pixel_llm.errors import FormatError, IntegrityError, InvalidArgumentError, PixelLLMError, StorageError

_CHUNK = 1 << 20

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Root = Annotated[
    Path | None, typer.Option(help="Folder of the store (default: $PIXELFS_ROOT, else ./pixelfs).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Report as JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Stored path, such as a/b.bin.", show_default=False)]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code; expected failures are one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character gets "?" in its place
            stream.reconfigure(errors="replace")
    try:
        app(argv, prog_name="pixelfs")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except PixelLLMError as error:
        _errors().print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return error.exit_code
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        text = escape(f"{where}{error.strerror or error}")
        _errors().print(f"[bold red]error:[/] {text}", highlight=False, soft_wrap=True)
        return StorageError.exit_code
    return 0


@app.callback()
def _program() -> None:
    """PixelFS: a store of bytes as pixels, over a folder of .pxi files that open as images.

    \b
    Examples:
      python3 pixel_llm/core/pixelfs.py demo
      python3 pixel_llm/core/pixelfs.py write photo.raw --as trip/photo.raw
      python3 pixel_llm/core/pixelfs.py read trip/photo.raw --length 16 | xxd
      python3 pixel_llm/core/pixelfs.py verify
    """


@app.command()
def demo(root: Root = None) -> None:
    """Stores 3,600 bytes as an image of 1024 x 2, reads and verifies them, damages a copy and finds the damage.

    \b
    Example:
      python3 pixel_llm/core/pixelfs.py demo --root /tmp/pixels
    """
    from pixel_llm.core.pixelfs_demo import run

    if not run(_store(root), _output()):
        raise typer.Exit(1)


@app.command()
def write(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="File to store, or - for standard input.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Stored path (default: FILE's name).", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what is stored under the name.")] = True,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Stores a file.

    \b
    Examples:
      pixelfs.py write notes.txt --as texts/notes.txt
      tar c src | pixelfs.py write - --as backup/src.tar --no-overwrite
    """
    store = _store(root)
    if file == "-":
        if name is None:
            raise InvalidArgumentError("standard input has no name", remedy="give one with --as NAME")
        info = store.write(name, sys.stdin.buffer, overwrite=overwrite)
    else:
        with Path(file).open("rb") as source:
            info = store.write(name or Path(file).name, source, overwrite=overwrite)
    _show_info(info, as_json)


@app.command()
def read(
    name: Name,
    offset: Annotated[int, typer.Option(min=0, help="First byte.")] = 0,
    length: Annotated[int | None, typer.Option(min=0, help="Bytes at most (default: to the end).")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="File to write (default: standard output).", show_default=False)
    ] = None,
    root: Root = None,
) -> None:
    """Reads a stored file or a part of it; the touched bands are checked first.

    \b
    Examples:
      pixelfs.py read texts/notes.txt
      pixelfs.py read backup/src.tar --offset 512 --length 1024 -o part.bin
    """
    with _store(root).open_read(name) as source:
        source.seek(offset)
        if out is None or (out.exists() and not out.is_file()):
            with sys.stdout.buffer if out is None else out.open("wb") as target:
                _copy(source, target, length)
            return
        # A file that fails its check halfway must not pass for the whole: it is renamed into place when complete.
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as target:
            try:
                _copy(source, target, length)
                target.close()
                Path(target.name).chmod(0o666 & ~_umask())
                Path(target.name).replace(out)
            except BaseException:
                target.close()
                Path(target.name).unlink(missing_ok=True)
                raise


@app.command()
def info(name: Name, root: Root = None, as_json: Json = False) -> None:
    """Shows what is stored under a path.

    \b
    Example:
      pixelfs.py info texts/notes.txt --json
    """
    _show_info(_store(root).info(name), as_json)


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Stored paths (default: all).", show_default=False)
    ] = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Checks every byte of stored files; exit code 1 where one is damaged.

    \b
    Examples:
      pixelfs.py verify
      pixelfs.py verify texts/notes.txt --json
    """
    store = _store(root)
    reports: list[dict[str, Any]] = []
    console = _errors()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        for name in names or store.list():
            task = progress.add_task(escape(name), total=None)
            report = store.verify(name, progress=lambda done, total: progress.update(task, completed=done, total=total))  # noqa: B023
            progress.remove_task(task)
            reports.append({"path": name, "ok": report.ok, **asdict(report)})
    damaged = [report for report in reports if not report["ok"]]
    if as_json:
        _print_json({"ok": not damaged, "files": reports})
    else:
        _show_reports(reports, store)
    if damaged:
        raise typer.Exit(IntegrityError.exit_code)


@app.command("list")
def list_(
    prefix: Annotated[str, typer.Argument(help="Only paths that begin so.", show_default=False)] = "",
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Lists what is stored; exit code 1 where a file cannot be opened.

    \b
    Example:
      pixelfs.py list texts/ --json
    """
    store = _store(root)
    table = Table("path", "modified", box=None, header_style="bold", pad_edge=False)
    for column in ("bytes", "image"):
        table.add_column(column, justify="right")
    rows: list[dict[str, Any]] = []
    damaged = False
    for path in store.list(prefix):
        try:
            found = store.info(path)
        except (IntegrityError, FormatError) as error:
            damaged = True
            rows.append({"path": path, "error": str(error)})
            table.add_row(escape(path), "[bold red]damaged[/]", "", "")
        else:
            rows.append(_info_dict(found))
            table.add_row(
                escape(path), f"{found.modified:%Y-%m-%d %H:%M}", f"{found.size:,}", f"{found.width}x{found.height}"
            )
    if as_json:
        _print_json(rows)
    elif rows:
        _output().print(table)
    else:
        _output().print(f"nothing is stored in {escape(str(store.root))}", highlight=False)
    if damaged:
        raise typer.Exit(IntegrityError.exit_code)


@app.command()
def delete(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Stored paths.", show_default=False)],
    root: Root = None,
) -> None:
    """Deletes stored files.

    \b
    Example:
      pixelfs.py delete texts/notes.txt
    """
    store = _store(root)
    for name in names:
        store.delete(name)


def _store(root: Path | None) -> PixelFS:
    return PixelFS(root or default_root())


def _output() -> Console:
    return Console()


def _errors() -> Console:
    return Console(stderr=True)


def _copy(source: Any, target: Any, length: int | None) -> None:
    if length is None:
        shutil.copyfileobj(source, target, _CHUNK)
        return
    while length and (chunk := source.read(min(length, _CHUNK))):
        target.write(chunk)
        length -= len(chunk)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))


def _info_dict(info: FileInfo) -> dict[str, Any]:
    return {**asdict(info), "modified": info.modified.isoformat(), "file": str(info.file)}


def _show_info(info: FileInfo, as_json: bool) -> None:
    if as_json:
        _print_json(_info_dict(info))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("path", escape(info.path))
    table.add_row("size", f"{info.size:,} bytes")
    table.add_row("image", f"{info.width} x {info.height} pixels, {info.pixels:,} of them hold data")
    table.add_row("generation", str(info.generation))
    table.add_row("content", info.content_hash)
    table.add_row("root", info.root_hash)
    table.add_row("modified", f"{info.modified:%Y-%m-%d %H:%M:%S} UTC")
    table.add_row("file", escape(str(info.file)))
    _output().print(table)


def _show_reports(reports: list[dict[str, Any]], store: PixelFS) -> None:
    console = _output()
    if not reports:
        console.print(f"nothing is stored in {escape(str(store.root))}", highlight=False)
    for report in reports:
        if report["ok"]:
            console.print(
                f"[green]ok[/]       {escape(report['path'])}  [dim]{report['bytes_checked']:,} bytes[/]",
                highlight=False,
            )
            continue
        console.print(f"[bold red]DAMAGED[/]  {escape(report['path'])}", highlight=False)
        for failure in report["failures"]:
            console.print(f"         {escape(failure['message'])}", highlight=False, soft_wrap=True)
