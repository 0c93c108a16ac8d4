"""From IR to callable machine code, kept on disk.

A unit is one LLVM module. Its object code lies in the cache folder (`core/user_cache.py`) under a key made of
everything that it depends on: the sources that kernels are made from, llvmlite's and LLVM's versions, the target's CPU
and features. Files are written whole and renamed into place, and carry their SHA-256, so that processes may share the
folder and a torn file is compiled again. Where the folder cannot be written, units are compiled each time (`unkept`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from pixel_llm.backends.cpu.target import Target
from pixel_llm.core.user_cache import cache_folder
from pixel_llm.errors import BackendError
from pixel_llm.formats import encodings

_DIGEST: Final = 32
_LOCK: Final = threading.Lock()
_ENGINES: Final[dict[tuple[str, str], tuple[Any, dict[str, int]]]] = {}
_UNKEPT: Final[dict[Path, str]] = {}


def sources() -> list[Path]:
    """The files that the kernels' code follows from: this package, and what says how weights lie in memory."""
    return [*sorted(Path(__file__).parent.glob("*.py")), Path(encodings.__file__)]


@cache
def _sources_digest() -> str:
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def code_folder(target: Target) -> Path:
    """Where the object code for `target` is kept."""
    import llvmlite
    import llvmlite.binding as llvm

    text = "|".join((_sources_digest(), llvmlite.__version__, str(llvm.llvm_version_info), target.key))
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    return cache_folder() / "cpu-kernels" / key


def unkept() -> dict[Path, str]:
    """Folders that this process could not keep compiled code in, and what the system said."""
    return dict(_UNKEPT)


@cache
def _initialise() -> None:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _machine(target: Target) -> Any:
    import llvmlite.binding as llvm

    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=3, codemodel="jitdefault", jit=True
    )


def optimise(text: str, target: Target) -> Any:
    """Parse, verify and optimise LLVM assembly; the module and its target machine."""
    import llvmlite.binding as llvm

    _initialise()
    machine = _machine(target)
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    # The kernels are written as vectors; these passes only cost time here.
    options.loop_vectorization = False
    options.slp_vectorization = False
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module, machine


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[_DIGEST:]
    return body if hashlib.sha256(body).digest() == data[:_DIGEST] else None


def _write(path: Path, body: bytes) -> None:
    # A cache that cannot be written is no error: the code is already in memory.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        _UNKEPT[path.parent] = error.strerror or str(error)


def _object_code(name: str, build: Callable[[Target], Any], target: Target) -> bytes:
    path = code_folder(target) / f"{name}.o"
    body = _read(path)
    if body is None:
        module, machine = optimise(str(build(target)), target)
        body = bytes(machine.emit_object(module))
        _write(path, body)
    return body


def link(
    units: Mapping[str, Callable[[Target], Any]], exports: Mapping[str, tuple[str, ...]], target: Target
) -> dict[str, int]:
    """Addresses of the functions that each unit exports, compiling what the cache lacks. Thread-safe.

    `units`: name -> builder of an `llvmlite.ir.Module`. Code stays loaded for the life of the process.
    """
    import llvmlite.binding as llvm

    addresses: dict[str, int] = {}
    with _LOCK:
        for name, build in units.items():
            key = (target.key, name)
            if key not in _ENGINES:
                _initialise()
                code = _object_code(name, build, target)
                engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(target))
                engine.add_object_file(llvm.ObjectFileRef.from_data(code))
                engine.finalize_object()
                found = {export: int(engine.get_function_address(export)) for export in exports[name]}
                if not all(found.values()):
                    raise BackendError(f"compiled unit {name!r} lacks a kernel", remedy=f"delete {code_folder(target)}")
                _ENGINES[key] = (engine, found)
            addresses.update(_ENGINES[key][1])
    return addresses
