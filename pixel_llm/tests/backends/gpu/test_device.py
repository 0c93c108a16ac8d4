"""GpuDevice: features and limits as asked for; real failures of the graphics API as errors of our tree."""

from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest
import wgpu

from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import DEFAULT_LIMITS, GpuDevice
from pixel_llm.backends.gpu.teaching import dot_product
from pixel_llm.errors import BackendError, GpuError, GpuLostError, GpuMemoryError, InvalidArgumentError, PixelLLMError
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN
from pixel_llm.tests.adapters import adapter_or_skip

BUFFER = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.COPY_SRC


def test_features_and_limits(gpu_device: GpuDevice, plain_gpu_device: GpuDevice) -> None:
    info = adapter_or_skip()
    assert gpu_device.info == info
    assert gpu_device.limits == info.limits
    assert gpu_device.f16 == ("shader-f16" in info.features)
    assert gpu_device.subgroups == ("subgroups" in info.features)
    assert not plain_gpu_device.f16 and not plain_gpu_device.subgroups
    for name, limit in DEFAULT_LIMITS.items():
        assert plain_gpu_device.device.limits[name] == limit, name


def test_a_refused_call_names_what_was_done_and_why(plain_gpu_device: GpuDevice) -> None:
    with (
        pytest.raises(GpuError, match=r"while making a texture: .*8193 exceeds the limit of 8192"),
        plain_gpu_device.guard("making a texture"),
    ):
        plain_gpu_device.device.create_texture(size=(8193, 1, 1), format="rgba32uint", usage=4)
    with pytest.raises(GpuError, match="no definition in scope"), plain_gpu_device.guard("compiling"):
        plain_gpu_device.device.create_shader_module(code="fn f() -> u32 { return x; }")
    plain_gpu_device.flush()  # the device is as good as before


def test_other_errors_pass_through_a_guard(gpu_device: GpuDevice) -> None:
    with pytest.raises(ZeroDivisionError), gpu_device.guard("dividing"):
        1 / 0
    with pytest.raises(BackendError, match=r"^ours$"), gpu_device.guard("failing"):
        raise BackendError("ours")
    with pytest.raises(RuntimeError, match=r"^theirs$"), gpu_device.guard("failing"):
        raise RuntimeError("theirs")


def test_an_error_that_wgpu_only_logs_is_raised(plain_gpu_device: GpuDevice) -> None:
    """Calls below wgpu's wrappers, as the hot path makes them, report errors in the log alone."""
    from wgpu.backends.wgpu_native import ffi, lib

    encoder = plain_gpu_device.device.create_command_encoder()
    buffer = plain_gpu_device.device.create_buffer(size=16, usage=BUFFER)
    with pytest.raises(GpuError, match="while clearing"), plain_gpu_device.guard("clearing"):
        lib.wgpuCommandEncoderClearBuffer(encoder._internal, buffer._internal, 1, 8)
        lib.wgpuCommandEncoderFinish(encoder._internal, ffi.NULL)


def test_such_an_error_is_raised_however_often_it_comes(plain_gpu_device: GpuDevice) -> None:
    """wgpu logs an error ten times, and then no more."""
    from wgpu.backends.wgpu_native import ffi, lib

    buffer = plain_gpu_device.device.create_buffer(size=16, usage=BUFFER)
    for _ in range(12):
        encoder = plain_gpu_device.device.create_command_encoder()
        with pytest.raises(GpuError, match="while clearing"), plain_gpu_device.guard("clearing"):
            lib.wgpuCommandEncoderClearBuffer(encoder._internal, buffer._internal, 1, 8)
            lib.wgpuCommandEncoderFinish(encoder._internal, ffi.NULL)


def test_unknown_constants_and_kernels(gpu_device: GpuDevice) -> None:
    with pytest.raises(InvalidArgumentError, match="no kernel 'fft'"):
        shaders.kernel("fft")
    with pytest.raises(InvalidArgumentError, match="kernel dot_product"):
        shaders.kernel("dot_product", numbers="f64")
    which = shaders.kernel("dot_product", numbers="f32")
    with pytest.raises(InvalidArgumentError, match="ROWS"):
        shaders.pipeline(gpu_device, which, {"ROWS": 3})
    with pytest.raises(InvalidArgumentError, match="partial_sums"):
        shaders.bind_group(gpu_device, which, {"a": None})


def test_closing(capfd: pytest.CaptureFixture[str]) -> None:
    device = GpuDevice.open(adapter_or_skip().index)
    device.close()
    device.close()
    assert device.closed
    with pytest.raises(GpuLostError, match="closed"):
        device.queue
    with pytest.raises(GpuLostError):
        dot_product(device, np.ones(3, np.float32), np.ones(3, np.float32))
    assert capfd.readouterr() == ("", "")


def test_a_lost_device_leaves_the_process_able_to_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    """`destroy` is how WebGPU loses a device on purpose; wgpu reports it as it reports a reset of the driver."""
    ones = np.ones(5000, np.float32)
    with GpuDevice.open(adapter_or_skip().index) as device:
        assert dot_product(device, ones, ones) == 5000
        buffer = device.device.create_buffer(size=64, usage=BUFFER)
        device.device.destroy()
        with pytest.raises(GpuLostError, match=r"lost while .*--backend cpu"):
            dot_product(device, ones, ones)
        with pytest.raises(GpuLostError), device.guard("reading"):
            device.queue.read_buffer(buffer)
        with pytest.raises(GpuLostError):
            device.flush()
    with GpuDevice.open(adapter_or_skip().index) as device:
        assert dot_product(device, ones, ones) == 5000
    decoder = load_decoder(memory_model(PLAIN), backend="cpu", threads=1)
    assert decoder.forward([Chunk(0, np.array([1]))])[0].shape == (1, PLAIN.vocab_size)
    decoder.close()
    assert capfd.readouterr() == ("", "")


OUT_OF_MEMORY = """
import resource
import numpy as np
from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu import GpuDevice, upload
from pixel_llm.backends.gpu.teaching import dot_product
from pixel_llm.errors import GpuMemoryError
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN

device = GpuDevice.open({index})
small = np.ones(3, np.float32)
assert dot_product(device, small, small) == 3
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (400 << 20), resource.getrlimit(resource.RLIMIT_AS)[1]))
kept, block = [], np.zeros((1024, 4096), np.float32)
try:
    for _ in range(100):
        kept.append(upload(device, block, form={form!r}))
except GpuMemoryError as error:
    print(len(kept), error)
# wgpu may give the whole device up where the memory for a copy is missing: go on with another one.
del kept
device.close()
del device
with GpuDevice.open({index}) as device:
    assert dot_product(device, small, small) == 3
decoder = load_decoder(memory_model(PLAIN), backend="cpu", threads=1)
assert decoder.forward([Chunk(0, np.array([1]))])[0].shape == (1, PLAIN.vocab_size)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit on a process's memory")
@pytest.mark.parametrize("form", ["texture", "buffer"])
def test_exhausted_memory_is_an_error_and_not_the_end(form: str) -> None:
    """A software adapter's memory is the process's: a limit on that runs it out of memory for real."""
    info = adapter_or_skip()
    if not info.software:
        pytest.skip("a GPU's memory cannot be limited from outside")
    script = OUT_OF_MEMORY.format(index=info.index, form=form)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    count, _, message = done.stdout.partition(" ")
    assert 1 <= int(count) < 100
    assert "memory is exhausted" in message and "--backend cpu" in message


def test_what_wgpu_logs_outside_is_left_to_others(
    plain_gpu_device: GpuDevice, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("wgpu").error("of another program's part")
    assert caplog.messages == ["of another program's part"]
    with plain_gpu_device.guard("something else"):
        pass
    caplog.clear()
    with pytest.raises(GpuError, match="lost while waiting"), plain_gpu_device.guard("waiting"):
        logging.getLogger("wgpu").error("the device was lost")
    assert caplog.messages == []
    # An error of before says nothing about the next one.
    with pytest.raises(GpuError, match="failed while making") as caught, plain_gpu_device.guard("making"):
        plain_gpu_device.device.create_texture(size=(8193, 1, 1), format="rgba32uint", usage=4)
    assert type(caught.value) is GpuError


def test_the_tree() -> None:
    for leaf, builtin in ((GpuMemoryError, MemoryError), (GpuLostError, RuntimeError)):
        assert issubclass(leaf, (GpuError, BackendError, PixelLLMError)) and issubclass(leaf, builtin)
