"""A kernel that does not end, where no watchdog of the driver's ends it, and waiting that is bounded."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from pixel_llm.backends.gpu.patience import Caller, patience
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.tests.adapters import adapter_or_skip

ENDLESS = """
import numpy as np, wgpu
from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk, Choice
from pixel_llm.backends.gpu import GpuDevice
from pixel_llm.errors import GpuLostError
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN

# Mesa ends an invocation's loops after 65,535 rounds, so a grid of 4 billion workgroups has to be what does not end.
KERNEL = '''
@group(0) @binding(0) var<storage, read_write> counts: array<atomic<u32>>;
@compute @workgroup_size(64) fn endless() { for (var i = 0u; i < 65000u; i++) { atomicAdd(&counts[i % 4u], 1u); } }
'''
model = memory_model(PLAIN)
decoder = load_decoder(model, backend="gpu", adapter={index}, context_length=64)
prompt = Chunk(0, np.array([3, 1, 4]))
decoder.forward([prompt])
stream = decoder.decode_ahead(0, 1, Choice(), 40)
next(stream)
device = decoder._device
make = device.device
module = make.create_shader_module(code=KERNEL)
pipeline = make.create_compute_pipeline(layout="auto", compute=dict(module=module, entry_point="endless"))
buffer = make.create_buffer(size=16, usage=wgpu.BufferUsage.STORAGE)
layout = pipeline.get_bind_group_layout(0)
group = make.create_bind_group(layout=layout, entries=[dict(binding=0, resource=dict(buffer=buffer))])
encoder = make.create_command_encoder()
compute = encoder.begin_compute_pass()
compute.set_pipeline(pipeline)
compute.set_bind_group(0, group)
compute.dispatch_workgroups(65535, 65535)
compute.end()
device._patience = 2.0
try:
    device.submit(encoder)
    print("made", len(list(stream)))
except GpuLostError as error:
    print(error)
for use in (lambda: decoder.forward([prompt]), device.flush, lambda: GpuDevice.open({index})):
    try:
        use()
    except GpuLostError as error:
        print(error)
stream.close()
decoder.close()
cpu = load_decoder(model, backend="cpu", context_length=64, threads=1)
print(cpu.forward([prompt])[0].shape)
"""


def test_a_kernel_that_does_not_end_is_given_up() -> None:
    """Nothing comes back from the device any more, and the process goes on with the CPU, and ends."""
    info = adapter_or_skip()
    if not info.software:
        pytest.skip("a GPU's driver has a watchdog, and the desktop may hang until it acts")
    script = ENDLESS.replace("{index}", str(info.index))
    # What the driver's threads still compute ends with the process.
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "the GPU did not answer for 2 seconds" in lines[0] and "--backend cpu" in lines[0]
    assert ["did not answer" in line for line in lines] == [True] * 4 + [False]
    assert lines[-1] == "(1, 131)"


def test_what_a_caller_gives_back() -> None:
    caller = Caller()
    assert caller.call(lambda: 7, 60) == 7
    with pytest.raises(ZeroDivisionError):
        caller.call(lambda: 1 // 0, 60)
    begun, go = threading.Event(), threading.Event()

    def stuck() -> int:
        begun.set()
        go.wait()
        return 1

    with pytest.raises(TimeoutError):
        caller.call(stuck, 0.05)
    begun.wait()
    go.set()
    assert caller.call(lambda: 8, 60) == 8, "an answer that came too late is nobody's"
    caller.stop()


def test_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXEL_LLM_GPU_TIMEOUT", raising=False)
    assert patience() == 600
    monkeypatch.setenv("PIXEL_LLM_GPU_TIMEOUT", "2.5")
    assert patience() == 2.5
    for wrong in ("soon", "0", "-1", "nan", "inf", "1e30"):
        monkeypatch.setenv("PIXEL_LLM_GPU_TIMEOUT", wrong)
        with pytest.raises(InvalidArgumentError, match="PIXEL_LLM_GPU_TIMEOUT"):
            patience()
