"""`load_decoder`: names, numbers and tensors that it refuses."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from pixel_llm.backends import available_backends, load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.errors import BackendError, InvalidArgumentError, PxiFormatError
from pixel_llm.testing.memory_model import MemoryModel, memory_model
from pixel_llm.testing.specs import PLAIN


def test_reference() -> None:
    decoder = load_decoder(memory_model(PLAIN), backend="reference", context_length=10, slots=2)
    assert isinstance(decoder, ReferenceDecoder)
    assert (decoder.context_length, decoder.slots) == (10, 2)
    assert decoder.forward([Chunk(1, np.array([3]))])[0].shape == (1, PLAIN.vocab_size)
    assert load_decoder(memory_model(PLAIN), backend="reference").context_length == PLAIN.context_length


def test_available_backends() -> None:
    assert available_backends() == ("cpu", "gpu", "reference")


def test_kv_bits_halve_the_cpu_backends_cache() -> None:
    decoders = [load_decoder(memory_model(PLAIN), backend="cpu", threads=1, kv_bits=bits) for bits in (8, 16)]
    assert 0.5 < decoders[0].cache_bytes / decoders[1].cache_bytes < 0.6
    for decoder in decoders:
        decoder.close()


@pytest.mark.parametrize(("backend", "library"), [("cpu", "llvmlite"), ("gpu", "wgpu")])
def test_backends_whose_library_is_missing(backend: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert backend not in available_backends()
    with pytest.raises(BackendError, match=f"needs {library}, which is not installed"):
        load_decoder(memory_model(PLAIN), backend=backend)


@pytest.mark.parametrize("name", ["tpu", "CPU", "GPU"])
def test_backends_that_are_not_there(name: str) -> None:
    with pytest.raises(BackendError, match=name):
        load_decoder(memory_model(PLAIN), backend=name)


@pytest.mark.parametrize(
    "arguments",
    [
        {"context_length": 0},
        {"context_length": PLAIN.context_length + 1},
        {"context_length": True},
        {"slots": 0},
        {"slots": 5000},
        {"threads": 0},
        {"threads": 1.5},
        {"kv_bits": 4},
        {"kv_bits": 8.0},
        {"kv_bits": 8},  # the reference backend's cache is float32
        {"adapter": "llvmpipe"},
        {"form": "buffer"},
    ],
)
def test_numbers_out_of_range(arguments: dict[str, int]) -> None:
    with pytest.raises(InvalidArgumentError, match=str(next(iter(arguments.values())))):
        load_decoder(memory_model(PLAIN), backend="reference", **arguments)


def test_tensors_that_do_not_fit_the_spec() -> None:
    model = memory_model(PLAIN)
    tensors = dict(model.tensors)
    missing = {k: v for k, v in tensors.items() if k != "blk.1.ffn_up.weight"}
    with pytest.raises(PxiFormatError, match=r"blk\.1\.ffn_up\.weight: tensor is missing"):
        load_decoder(MemoryModel(model.spec_json, missing), backend="reference")
    extra = tensors | {"blk.0.attn_q.bias": tensors["output_norm.weight"]}
    with pytest.raises(PxiFormatError, match=r"blk\.0\.attn_q\.bias: tensor is not part"):
        load_decoder(MemoryModel(model.spec_json, extra), backend="reference")
    with pytest.raises(PxiFormatError, match=r"ffn_gate\.weight: has shape \(96, 64\)"):
        load_decoder(MemoryModel(replace(PLAIN, intermediate_size=95).to_json(), tensors), backend="reference")


def test_import_is_light() -> None:
    """Asking for the names of backends loads none of them."""
    code = "import sys, pixel_llm.backends; print([m for m in ('llvmlite', 'wgpu') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
