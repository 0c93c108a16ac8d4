"""The entry point `pixel-llm`: the list of commands, and how errors become messages and exit codes."""

from __future__ import annotations

import inspect
import io
import os
import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from pixel_llm.cli import (
    bench,
    chat,
    coach,
    compact,
    demo,
    doctor,
    export,
    generate,
    import_,
    info,
    locate,
    map_build,
    map_export,
    picture,
    pull,
    rollback,
    score,
    snapshots,
    validate,
    verify,
    view,
)
from pixel_llm.errors import PixelLLMError, StorageError

EXIT_CODES: dict[int, str] = {
    0: "Done.",
    1: "A check failed: `verify` found damage, `validate` a difference, a read bytes that do not match their hash.",
    2: "The command line is wrong: an unknown option, a value out of range, a target that already exists.",
    3: "The input is malformed, or well formed and not supported.",
    4: "Something named does not exist: a file, a tensor, a snapshot, a model name.",
    5: "The machine, the network or another process stood in the way.",
    70: "A defect in Pixel-LLM.",
    130: "Ended with Ctrl-C.",
}

app = typer.Typer(
    name="pixel-llm",
    help="A language model as pixels: one .pxi file that opens as an image, proves its integrity and generates text.",
    epilog="Exit codes: 0 done, 1 a check failed, 2 usage, 3 malformed or unsupported input, 4 not found, "
    "5 machine or network, 130 Ctrl-C.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import pixel_llm

        typer.echo(f"pixel-llm {pixel_llm.__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def _unwrapped(command: Callable[..., None]) -> str:
    """A command's docstring with each paragraph on one line, so that the help page breaks it where it must."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


for _name, _module in (
    ("pull", pull),
    ("import", import_),
    ("export", export),
    ("info", info),
    ("verify", verify),
    ("picture", picture),
    ("locate", locate),
    ("view", view),
    ("generate", generate),
    ("chat", chat),
    ("score", score),
    ("snapshots", snapshots),
    ("rollback", rollback),
    ("compact", compact),
    ("validate", validate),
    ("bench", bench),
    ("doctor", doctor),
    ("demo", demo),
):
    app.command(_name, help=_unwrapped(_module.command), epilog=_module.EXAMPLE)(_module.command)
app.add_typer(coach.app, name="coach")

_map = typer.Typer(no_args_is_help=True, help="Build the map of a model, or write it as a static site.")
for _name, _module in (("build", map_build), ("export", map_export)):
    _map.command(_name, help=_unwrapped(_module.command), epilog=_module.EXAMPLE)(_module.command)
app.add_typer(_map, name="map")


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: an error is one message on stderr and an exit code of `EXIT_CODES`.

    PIXEL_LLM_DEBUG=1 shows the traceback too.
    """
    debug = os.environ.get("PIXEL_LLM_DEBUG") == "1"
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us: nothing to read, nobody who reads
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character must not end an answer
    try:
        app(arguments)
        code = 0  # not reached: typer exits by itself
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1 if ended.code else 0
        if isinstance(ended.__context__, BrokenPipeError):  # typer and rich end with 1, which is a failed check here
            code = _silence_stdout()
    except PixelLLMError as error:
        if debug:
            raise
        code = error.exit_code
        _complain(str(error))
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = _silence_stdout()
    except OSError as error:
        if debug:
            raise
        code = StorageError.exit_code
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}the system refused: {error.strerror or error}")
    except Exception as error:
        if debug:
            raise
        code = 70
        _complain(f"unexpected {type(error).__name__}: {error}")
        _complain_more("This is a defect in Pixel-LLM. Please report it with what PIXEL_LLM_DEBUG=1 prints.")
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _silence_stdout()
    except OSError as error:  # a full disk behind `> file`
        _silence_stdout()
        if code == 0:
            code = StorageError.exit_code
            _complain(f"cannot write the output: {error.strerror or error}")
    sys.exit(code)


def _silence_stdout() -> int:
    """Nobody takes our output any more (`| head`): say nothing, and let the interpreter's last flush not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _complain(text: str) -> None:
    from rich.text import Text

    from pixel_llm.cli.output import clean, console

    console(stderr=True).print(Text.assemble(("Error: ", "bold red"), clean(text)), soft_wrap=True)


def _complain_more(text: str) -> None:
    from pixel_llm.cli.output import note

    note(text, style=None)
