"""Compute shaders on any adapter, through wgpu."""
from functools import cache
import numpy as np
import wgpu

class NoAdapter(RuntimeError):
    """This machine has no adapter, not even a software one."""

@cache
def _device():
    raise NotImplementedError('to be written')

def run(source, inputs, out_bytes, groups, constants=None) -> bytes:
    """The output buffer's bytes after one dispatch of `main`."""
    raise NotImplementedError('to be written')

def _padded(array: np.ndarray) -> bytes:
    raise NotImplementedError('to be written')
