"""A process that was forked: it is told at once that a GPU's objects are of no use, and goes on with the CPU."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pixel_llm.tests.adapters import adapter_or_skip

SCRIPT = """
import os, signal, sys, threading, time
import numpy as np
from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Choice, Chunk
from pixel_llm.backends.gpu import GpuDevice, list_adapters, upload
from pixel_llm.backends.gpu.teaching import dot_product
from pixel_llm.errors import GpuLostError
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN

MODEL, ONES, PROMPT = memory_model(PLAIN), np.ones(3, np.float32), Chunk(0, np.array([3, 1, 4]))

def fork(child, *arguments):
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)  # ends a child that hangs
        print(child(*arguments), flush=True)
        sys.exit(0)  # with the interpreter's ending, in which objects are released
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def opens():
    try:
        with GpuDevice.open({index}) as device:
            return dot_product(device, ONES, ONES)
    except GpuLostError as error:
        return "fork" in str(error)

def refused(device, decoder, stream):
    began, uses = time.monotonic(), [
        lambda: GpuDevice.open({index}),
        lambda: load_decoder(MODEL, backend="gpu", adapter={index}, context_length=64),
        lambda: upload(device, ONES), lambda: dot_product(device, ONES, ONES), device.flush,
        lambda: device.device, lambda: device.guard("waiting").__enter__(),
        lambda: decoder.forward([PROMPT]), lambda: decoder.length(0), lambda: decoder.truncate(0, 0),
        lambda: next(stream), lambda: next(decoder.decode_ahead(1, 1, Choice(), 3)),
    ]
    told = 0
    for use in uses:
        try:
            use()
        except GpuLostError as error:
            told += "does not survive a fork" in str(error) and "spawn" in str(error)
    stream.close(), decoder.close(), device.close()
    cpu = load_decoder(MODEL, backend="cpu", context_length=64, threads=1)
    shape = cpu.forward([PROMPT])[0].shape
    adapters = list_adapters()
    return told == len(uses), shape, len(adapters) > 0, time.monotonic() - began < 20

def hold():
    with device.turn():
        held.set()
        go.wait()

list_adapters()
print(fork(opens))  # to have listed adapters does no harm
device = GpuDevice.open({index})
decoder = load_decoder(MODEL, backend="gpu", adapter={index}, context_length=64, slots=2)
decoder.forward([PROMPT])
expected = list(decoder.decode_ahead(0, 1, Choice(), 20))
decoder.truncate(0, 3)
stream = decoder.decode_ahead(0, 1, Choice(), 20)
made = [next(stream), next(stream)]
# Another thread has its turn when the process is forked.
held, go = threading.Event(), threading.Event()
thread = threading.Thread(target=hold)
thread.start()
held.wait()
print(fork(refused, device, decoder, stream))
go.set()
thread.join()
print(made + list(stream) == expected)
decoder.close()
device.close()
print(fork(opens))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_is_refused() -> None:
    """In a process of its own, whose children end as processes do."""
    script = SCRIPT.replace("{index}", str(adapter_or_skip().index))
    command = [sys.executable, "-u", "-W", "ignore::DeprecationWarning", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = "(True, (1, 131), True, True)"
    assert done.stdout.splitlines() == ["3.0", "0", told, "0", "True", "True", "0"]
