"""GpuDevice: an opened adapter, its limits, and its errors as errors of our tree."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu.adapter import AdapterInfo, Limits, choose_native
from pixel_llm.backends.gpu.forking import forks
from pixel_llm.backends.gpu.patience import ENVIRONMENT, Caller, patience
from pixel_llm.errors import GpuError, GpuLostError, GpuMemoryError, PixelLLMError

if TYPE_CHECKING:
    from types import TracebackType

    import wgpu

# https://www.w3.org/TR/webgpu/#limits; where several values are given there, the smallest that core WebGPU has.
DEFAULT_LIMITS: Final[Mapping[str, int]] = {
    "max-texture-dimension-1d": 8192,
    "max-texture-dimension-2d": 8192,
    "max-texture-dimension-3d": 2048,
    "max-texture-array-layers": 256,
    "max-bind-groups": 4,
    "max-bindings-per-bind-group": 1000,
    "max-dynamic-uniform-buffers-per-pipeline-layout": 8,
    "max-dynamic-storage-buffers-per-pipeline-layout": 4,
    "max-sampled-textures-per-shader-stage": 16,
    "max-samplers-per-shader-stage": 16,
    "max-storage-buffers-per-shader-stage": 8,
    "max-storage-textures-per-shader-stage": 4,
    "max-uniform-buffers-per-shader-stage": 12,
    "max-uniform-buffer-binding-size": 65536,
    "max-storage-buffer-binding-size": 134217728,
    "max-buffer-size": 268435456,
    "min-uniform-buffer-offset-alignment": 256,
    "min-storage-buffer-offset-alignment": 256,
    "max-compute-workgroup-storage-size": 16384,
    "max-compute-invocations-per-workgroup": 256,
    "max-compute-workgroup-size-x": 256,
    "max-compute-workgroup-size-y": 256,
    "max-compute-workgroup-size-z": 64,
    "max-compute-workgroups-per-dimension": 65535,
    "max-immediate-size": 0,
}
STAGED_BYTES: Final = 16 << 20
"""Bytes queued for upload before waiting for the device, which frees their staging memory. With 64 MiB, holes that
staging left between textures took 17 % more than the weights; with 16 MiB 3 %, and loading was as fast."""

_CPU: Final = "go on with `--backend cpu`"
_abandoned: Final[list[Any]] = []  # what devices had that never answered: releasing it would wait for them

T = TypeVar("T")


class GpuDevice:
    """An adapter made ready to compute; a context manager.

    Threads take turns: what our functions do here is done within `turn`, or `guard`, which takes one; whoever calls
    wgpu's objects does so as well. A process that was forked off one which had opened a device can use none
    (`GpuLostError`).

    `device` and `queue` are wgpu's objects; `info` the adapter's description; `limits` what this device was opened
    with; `f16`, `subgroups`, `timestamps` whether shaders may use these. After `close` all resources are useless.

    What waits for the adapter (`submit`, `read`, `download`, `flush`) does so for PIXEL_LLM_GPU_TIMEOUT seconds at
    most: a device that does not answer by then counts as lost, and `hung` is True.
    """

    def __init__(self, info: AdapterInfo, native: wgpu.GPUDevice) -> None:
        self.info = info
        self.limits = Limits.read(native.limits)
        features = set(native.features)
        self.f16 = "shader-f16" in features
        self.subgroups = bool(features & {"subgroup", "subgroups"})
        self.timestamps = "timestamp-query" in features
        self.cache: dict[Any, Any] = {}
        """Shader modules, layouts and pipelines by what they were made from (`shaders.py`)."""
        self._native: wgpu.GPUDevice | None = native
        self.hung = False
        # A finalizer may come in the middle of another call of the same thread.
        self._lock = threading.RLock()
        self._patience = patience()
        self._caller = Caller()
        self._fence: wgpu.GPUBuffer | None = None
        self._staged = 0

    @classmethod
    def open(
        cls,
        adapter: str | int | None = None,
        *,
        f16: bool = True,
        subgroups: bool = True,
        default_limits: bool = False,
    ) -> Self:
        """Open the adapter that `adapter` means (see `choose_adapter`).

        `f16` and `subgroups` False do without features that it may have; `default_limits` asks for no more than every
        WebGPU adapter offers, else for all that this one has. Raises `BackendError` where there is no such adapter,
        `GpuError` where it cannot be opened, `GpuLostError` where none can be any more: in a child of a process that
        opened one before, or after one that hung.
        """
        forks.watch()
        if _abandoned:
            raise GpuLostError(
                "a GPU device of this process did not answer, and the driver may wait for it still",
                remedy=f"start the program again, or {_CPU}",
            )
        info, native_adapter = choose_native(adapter)
        wanted = {"timestamp-query": True, "shader-f16": f16, "subgroup": subgroups}
        offered = native_adapter.features
        features = [name for name, use in wanted.items() if use and name in offered]
        _log.attach()
        try:
            # Without limits of ours wgpu asks for all that the adapter has.
            native = native_adapter.request_device_sync(
                required_features=features, required_limits=dict(DEFAULT_LIMITS) if default_limits else {}
            )
        except Exception as error:  # noqa: BLE001 - wgpu raises RuntimeError and its own, which share no base
            raise _error(str(error), f"opening {info.name}") from None
        forks.opened(native)
        return cls(info, native)

    @property
    def device(self) -> wgpu.GPUDevice:
        """wgpu's device; `GpuLostError` after `close`."""
        forks.check()
        if self._native is None:
            if self.hung:
                raise GpuLostError("the GPU device was lost: it did not answer", remedy=_CPU)
            raise GpuLostError("the GPU device was closed", remedy="open another one")
        return self._native

    @property
    def queue(self) -> wgpu.GPUQueue:
        """wgpu's queue."""
        return self.device.queue

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._native is None

    @property
    def unreachable(self) -> bool:
        """Whether nothing may touch what was made from the device: it hung, or this process was forked."""
        return self.hung or forks.forked

    @contextmanager
    def turn(self) -> Iterator[None]:
        """This thread's turn; it may take another within. Raises `GpuLostError` in a forked process."""
        forks.check()  # first: the lock may have been held at the fork
        with self._lock:
            yield

    def try_turn(self) -> bool:
        """Begin a turn if that needs no waiting; `end_turn` ends it."""
        return not forks.forked and self._lock.acquire(blocking=False)

    def end_turn(self) -> None:
        """End what `try_turn` began."""
        self._lock.release()

    @contextmanager
    def guard(self, what: str) -> Iterator[None]:
        """Run calls of wgpu; its errors, those too that it would only log, become ours and say `what` was done.

        `GpuMemoryError`: memory exhausted; `GpuLostError`: the device is gone; `GpuError`: refused for another reason.
        Nothing that the block computed may be used after an error.
        """
        with self.turn(), _log.taken():
            seen = _log.count
            try:
                yield
            except PixelLLMError:
                raise
            except Exception as error:
                translated = _translate(error, what, _log.text() if _log.count != seen else "")
                if translated is None:
                    raise
                raise translated from None
            if _log.count != seen:
                raise _error(_log.text(), what)

    def submit(self, encoder: wgpu.GPUCommandEncoder) -> float:
        """Submit what was recorded; the seconds of processor time that it took. `GpuLostError` where the driver does
        not come back from it."""
        queue = self.queue

        def submitted() -> float:
            began = time.thread_time()
            queue.submit([encoder.finish()])
            return time.thread_time() - began

        return self._wait_for(submitted)

    def read(self, buffer: wgpu.GPUBuffer, nbytes: int) -> NDArray[np.uint8]:
        """The first bytes of a buffer that can be mapped, when all that was submitted is done."""
        import wgpu

        def mapped() -> NDArray[np.uint8]:
            buffer.map_sync(wgpu.MapMode.READ, 0, nbytes)
            try:
                return np.frombuffer(buffer.read_mapped(0, nbytes), np.uint8)
            finally:
                buffer.unmap()

        return self._wait_for(mapped)

    def download(self, buffer: wgpu.GPUBuffer, offset: int = 0, nbytes: int | None = None) -> NDArray[np.uint8]:
        """Bytes of any buffer that can be copied from."""
        import wgpu

        size = buffer.size - offset if nbytes is None else nbytes
        usage = wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.MAP_READ
        with self.turn():
            copy = self.device.create_buffer(size=size, usage=usage)
            encoder = self.device.create_command_encoder()
            encoder.copy_buffer_to_buffer(buffer, offset, copy, 0, size)
            self.submit(encoder)
            data = self.read(copy, size)
            copy.destroy()
        return data

    def _wait_for(self, function: Callable[[], T]) -> T:
        forks.check()
        try:
            return self._caller.call(function, self._patience)
        except TimeoutError:
            # Only what nobody touches any more cannot wait for the device too.
            self.abandon((self._native, self.cache, self._fence, function))
            self.hung, self._native, self.cache, self._fence = True, None, {}, None
            self._caller.stop()
            raise GpuLostError(
                f"the GPU did not answer for {self._patience:g} seconds: a kernel does not end, or the driver hangs",
                remedy=f"{_CPU}; where a large model is only slow, set {ENVIRONMENT} to more seconds",
            ) from None

    def abandon(self, what: object) -> None:
        """Keep for good what was made from a device that is `unreachable`."""
        _abandoned.append(what)

    def stage(self, nbytes: int) -> None:
        """Count bytes that were queued for upload; waits for the device where too many would stay in staging memory."""
        with self.turn():
            self._staged += nbytes
            if self._staged >= STAGED_BYTES:
                self.flush()

    def flush(self) -> None:
        """Begin what was queued and wait until it is done: staging memory of uploads is free afterwards."""
        import wgpu

        with self.guard("waiting for the GPU"):
            # A mapping waits for what used the buffer; wgpu-py 0.32's on_submitted_work_done does not fit its library.
            if self._fence is None:
                usage = wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.MAP_READ
                self._fence = self.device.create_buffer(size=8, usage=usage)
            encoder = self.device.create_command_encoder()
            encoder.clear_buffer(self._fence)
            self.submit(encoder)
            self.read(self._fence, 8)
            self._staged = 0

    def close(self) -> None:
        """Release the device, and the memory of what was made from it and is not used any more; may be repeated."""
        if forks.forked:
            self.abandon((self.cache, self._fence))
            self._native, self._fence, self.cache = None, None, {}
            return
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._native is not None:
            native, self._native, self._fence = self._native, None, None
            self.cache.clear()
            self._caller.stop()
            with _log.taken():  # wgpu reports a loss that is wanted as an error
                native.destroy()
                del native
                gc.collect()  # wgpu's objects refer to each other in circles, and the memory is theirs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Log(logging.Filter):
    """Errors that wgpu can attribute to no call, which it logs: taken from its log and counted while a guard is open.
    What it logs at other times is left to whoever listens."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._open = 0
        self._texts: deque[str] = deque(maxlen=4)
        self._lock = threading.RLock()  # a finalizer that runs meanwhile may log

    def attach(self) -> None:
        from wgpu.backends.wgpu_native._api import error_handler

        logger = logging.getLogger("wgpu")
        if self in logger.filters:
            return
        logger.addFilter(self)
        log = error_handler.log_error

        def log_error(message: str) -> None:
            if not self._take(message):
                log(message)

        # It logs an error ten times and not again: every one counts here.
        error_handler.log_error = log_error

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._lock:
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno < logging.ERROR or not self._take(record.getMessage())

    def _take(self, message: str) -> bool:
        with self._lock:
            if not self._open:
                return False
            self._texts.append(message)
            self.count += 1
        return True

    def text(self) -> str:
        return "\n".join(self._texts)


_log = _Log()


def _translate(error: Exception, what: str, logged: str) -> GpuError | None:
    """Our error for one of wgpu's, and what it logged meanwhile; None where it is not wgpu's."""
    import wgpu

    text = str(error)
    ours = isinstance(error, wgpu.GPUError) or (
        isinstance(error, RuntimeError) and any(part in text for part in ("map buffer", "work done", "Request device"))
    )
    if not ours:
        return None
    return _error(f"{text}\n{logged}", what, isinstance(error, wgpu.GPUOutOfMemoryError))


def _error(text: str, what: str, memory: bool = False) -> GpuError:
    lowered = text.casefold()
    if memory or "not enough memory" in lowered or "out of memory" in lowered:
        return GpuMemoryError(
            f"the adapter's memory is exhausted while {what}", remedy=f"a smaller model or context, or {_CPU}"
        )
    if "lost" in lowered or "invalidated" in lowered:
        return GpuLostError(f"the GPU device was lost while {what}", remedy=f"open it again, or {_CPU}")
    lines = [line.strip() for line in text.splitlines() if line.strip() not in ("", "Validation Error", "Caused by:")]
    return GpuError(f"the graphics API failed while {what}: {' '.join(lines)[:1000]}")
