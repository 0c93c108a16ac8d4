"""What was measured on an adapter is remembered, and `auto` follows it; nothing else makes it take a GPU."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.backends import choose_backend, load_decoder, weight_bytes
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu import adapter as adapters
from pixel_llm.backends.gpu import memory, preferences
from pixel_llm.backends.gpu.adapter import ENVIRONMENT, AdapterInfo
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.memory import AdapterMemory
from pixel_llm.backends.gpu.preferences import (
    Measurement,
    may_prefer_gpu,
    measured,
    measurements,
    preferred_form,
    prefers_gpu,
    remember,
)
from pixel_llm.errors import GpuError, GpuMemoryError, InvalidArgumentError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN
from pixel_llm.tests.adapters import adapter_or_skip

SIZE = 100_000_000
FASTER = Measurement(texture=60.0, cpu=50.0)
SLOWER = Measurement(texture=30.0, buffer=40.0, cpu=50.0)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, not made yet."""
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def gpu(cache: Path, monkeypatch: pytest.MonkeyPatch) -> AdapterInfo:
    """A discrete GPU, as far as anyone is told."""
    info = replace(adapter_or_skip(), name="GeForce", kind="discrete")
    monkeypatch.setattr(adapters, "_enumerate", lambda: [(info, None)])
    return info


@pytest.fixture
def model() -> ModelFile:
    return memory_model(PLAIN)


def test_what_is_remembered(gpu: AdapterInfo, cache: Path) -> None:
    assert measured(gpu, SIZE) is None and preferred_form(gpu, SIZE) == "texture"
    remember(gpu, SIZE, Measurement(texture=30.0, buffer=40.0, cpu=35.0))
    other = replace(gpu, driver="another")
    remember(other, SIZE, Measurement(texture=5.0, buffer=4.0))
    assert measured(gpu, SIZE) == Measurement(30.0, 40.0, 35.0) and preferred_form(gpu, SIZE) == "buffer"
    assert measured(other, SIZE) == Measurement(5.0, 4.0, None) and preferred_form(other, SIZE) == "texture"
    assert prefers_gpu(gpu, SIZE) and not prefers_gpu(other, SIZE)
    remember(gpu, SIZE, Measurement(texture=41.0, buffer=40.0, cpu=100.0))
    assert preferred_form(gpu, SIZE) == "texture" and not prefers_gpu(gpu, SIZE)
    assert [path.name for path in cache.iterdir()] == ["adapters.json"]
    for changed in ({"name": "x"}, {"api": "D3D12"}, {"driver": "newer"}):
        assert measured(replace(gpu, **changed), SIZE) is None


def test_a_model_goes_by_the_measurement_of_the_nearest_size(gpu: AdapterInfo) -> None:
    remember(gpu, SIZE, SLOWER)
    assert measured(gpu, 1) == measured(gpu, 1000 * SIZE) == SLOWER
    remember(gpu, 40 * SIZE, FASTER)
    remember(gpu, 41 * SIZE, Measurement(texture=70.0, cpu=50.0))  # of about the size: in the place of the other
    assert sorted(measurements(gpu)) == [1 << 27, 1 << 32]
    for size, faster in ((SIZE // 9, False), (SIZE, False), (4 * SIZE, False), (10 * SIZE, True), (900 * SIZE, True)):
        assert prefers_gpu(gpu, size) == may_prefer_gpu(size) == faster
    assert measured(gpu, 40 * SIZE) == Measurement(texture=70.0, cpu=50.0)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 3, "adapters": {}}',
        '{"version": 1, "adapters": {"x": {"texture": 3, "cpu": 2}}}',  # of an older release, without sizes
        '{"version": 2, "adapters": []}',
        '{"version": 2, "adapters": {"x": 3, "y": {"sizes": 3, "software": false}}}',
        '{"version": 2}',
        "\0",
    ],
)
def test_a_damaged_cache_is_an_empty_one(gpu: AdapterInfo, cache: Path, model: ModelFile, content: str) -> None:
    cache.mkdir()
    (cache / "adapters.json").write_text(content)
    assert measured(gpu, SIZE) is None and preferred_form(gpu, SIZE) == "texture" and not may_prefer_gpu(SIZE)
    assert choose_backend("auto", model) == "cpu"
    remember(gpu, SIZE, Measurement(buffer=2.0))
    assert measured(gpu, SIZE) == Measurement(buffer=2.0)


@pytest.mark.parametrize(
    "sizes",
    [3, {"1": 3}, {"-1": {}}, {"x": {}}, {"0": {}}, {"²": {}}, {"1" * 5000: {}}]
    + [{"1024": bad} for bad in ({"texture": "fast"}, {"texture": -1}, {"buffer": [1]}, {"cpu": 0}, {"cpu": True})],
)
def test_a_damaged_entry_is_none(gpu: AdapterInfo, cache: Path, sizes: object) -> None:
    remember(gpu, SIZE, FASTER)
    path = cache / "adapters.json"
    content = json.loads(path.read_text())
    (entry,) = content["adapters"].values()
    entry["sizes"] = sizes
    path.write_text(json.dumps(content))
    assert measured(gpu, SIZE) is None and not may_prefer_gpu(SIZE)
    remember(gpu, SIZE, FASTER)
    assert measurements(gpu) == {1 << 27: FASTER}


def test_a_cache_that_cannot_be_written(gpu: AdapterInfo, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    remember(gpu, SIZE, Measurement(buffer=2.0))
    assert measured(gpu, SIZE) is None


def test_auto_takes_a_gpu_that_was_measured_to_be_faster(gpu: AdapterInfo, model: ModelFile) -> None:
    assert choose_backend("auto", model) == "cpu"  # never measured
    remember(gpu, SIZE, SLOWER)
    assert choose_backend("auto", model) == "cpu"
    remember(gpu, SIZE, Measurement(texture=30.0, buffer=60.0))
    assert choose_backend("auto", model) == "cpu"  # not compared
    remember(gpu, SIZE, FASTER)
    assert choose_backend("auto", model) == "gpu"
    assert choose_backend() == "cpu"  # whatever the model's size
    remember(gpu, weight_bytes(model), SLOWER)
    assert choose_backend("auto", model) == "cpu"
    assert choose_backend("cpu", model) == "cpu" and choose_backend("reference", model) == "reference"


def test_auto_never_takes_a_software_adapter(
    gpu: AdapterInfo, model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    software = replace(gpu, kind="software")
    monkeypatch.setattr(adapters, "_enumerate", lambda: [(software, None)])
    remember(software, SIZE, FASTER)
    assert choose_backend("auto", model) == "cpu"
    assert choose_backend("auto", model, adapter=software.name) == choose_backend("auto", model, adapter=0) == "gpu"


@pytest.mark.parametrize(
    ("changes", "measurement"), [({"kind": "software"}, FASTER), ({}, SLOWER), ({}, Measurement(texture=60.0))]
)
def test_auto_looks_for_adapters_only_where_one_may_be_taken(
    gpu: AdapterInfo,
    model: ModelFile,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    measurement: Measurement,
) -> None:
    """wgpu takes a second to be loaded and to look."""
    remember(replace(gpu, **changes), SIZE, measurement)
    monkeypatch.setattr(adapters, "_enumerate", lambda: pytest.fail("looked for adapters"))
    assert choose_backend("auto", model) == "cpu"


def test_another_releases_measurements_say_nothing(
    gpu: AdapterInfo, model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(gpu, SIZE, FASTER)
    monkeypatch.setattr(preferences, "_release", lambda: "99")
    monkeypatch.setattr(adapters, "_enumerate", lambda: pytest.fail("looked for adapters"))
    assert choose_backend("auto", model) == "cpu"


def test_auto_without_a_gpu_loads_no_wgpu(cache: Path) -> None:
    remember(adapter_or_skip(), SIZE, FASTER)  # where this is a software adapter; a GPU would be looked for
    code = (
        "import sys; from pixel_llm.backends import load_decoder; from pixel_llm.testing.memory_model import *;"
        "from pixel_llm.testing.specs import PLAIN; load_decoder(memory_model(PLAIN), threads=1).close();"
        "load_decoder(memory_model(PLAIN)).close(); print('wgpu' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(not adapter_or_skip().software)


def test_auto_without_adapters(gpu: AdapterInfo, model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(gpu, SIZE, FASTER)
    monkeypatch.setattr(adapters, "_enumerate", list)
    assert choose_backend("auto", model) == "cpu"
    monkeypatch.setattr("pixel_llm.backends.available_backends", lambda: ("reference",))
    assert choose_backend("auto", model) == "reference"


def test_auto_takes_the_backend_that_alone_has_what_is_asked(gpu: AdapterInfo, model: ModelFile) -> None:
    remember(gpu, SIZE, FASTER)
    for options, reason in (({"kv_bits": 8}, "8 bits"), ({"threads": 1}, "number of threads")):
        told: list[str] = []
        decoder = load_decoder(model, context_length=8, notify=told.append, **options)
        assert decoder.backend == "cpu"
        assert len(told) == 1 and reason in told[0] and "cpu backend" in told[0]
        decoder.close()
    with pytest.raises(InvalidArgumentError, match="gpu backend has no KV cache of 8 bits"):
        load_decoder(model, context_length=8, kv_bits=8, adapter=0)
    assert choose_backend("auto", model, form="buffer") == "gpu"


def refuses(*arguments: object, **options: object) -> GpuDevice:
    raise GpuError("the driver does not answer")


def test_nothing_is_said_where_no_gpu_was_measured_to_be_faster(gpu: AdapterInfo, model: ModelFile) -> None:
    remember(gpu, SIZE, SLOWER)
    for options in ({"kv_bits": 8}, {"threads": 1}, {}):
        load_decoder(model, context_length=8, notify=pytest.fail, **options).close()


def test_auto_goes_on_with_the_cpu_where_the_gpu_cannot_be_opened(
    gpu: AdapterInfo, model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(gpu, SIZE, FASTER)
    monkeypatch.setattr(GpuDevice, "open", refuses)
    told: list[str] = []
    decoder = load_decoder(model, context_length=8, notify=told.append)
    assert decoder.backend == "cpu" and len(told) == 1 and "the driver does not answer" in told[0]
    decoder.close()
    for asked in ({"backend": "gpu"}, {"adapter": 0}, {"form": "buffer"}):
        with pytest.raises(GpuError, match="the driver does not answer"):
            load_decoder(model, context_length=8, **asked)


def test_auto_goes_on_with_the_cpu_where_the_model_does_not_fit(
    cache: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device is a real one; "auto" is told that it is the best, and its memory is small."""
    info = adapter_or_skip()
    monkeypatch.setattr("pixel_llm.backends._gpu_measured_best", lambda model: True)
    small = AdapterMemory(total=8_000_000, free=3_000_000, shared=False)
    monkeypatch.setattr(memory, "adapter_memory", lambda info: small)
    told: list[str] = []
    decoder = load_decoder(model, context_length=8, notify=told.append)
    assert decoder.backend == "cpu" and len(told) == 1
    assert "cpu backend" in told[0] and "has 3 MB free of its memory (8 MB in all)" in told[0]
    ids = np.arange(1, 5)
    (logits,) = decoder.forward([Chunk(0, ids)])
    (right,) = load_decoder(model, backend="reference", context_length=8).forward([Chunk(0, ids)])
    np.testing.assert_allclose(logits, right, atol=0.02)
    decoder.close()
    for asked in ({"backend": "gpu"}, {"adapter": info.index}):
        with pytest.raises(GpuMemoryError):
            load_decoder(model, context_length=8, **asked)
    monkeypatch.setattr(memory, "adapter_memory", lambda info: None)
    decoder = load_decoder(model, context_length=8, notify=pytest.fail)
    assert decoder.backend == "gpu"
    decoder.close()
