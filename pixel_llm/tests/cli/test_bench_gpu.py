"""`pixel-llm bench --backend gpu`: both forms, the CPU beside them, what a token asks of the device, what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixel_llm
from pixel_llm.backends import choose_backend, weight_bytes
from pixel_llm.backends.gpu.memory import AdapterMemory
from pixel_llm.backends.gpu.preferences import Measurement, measurements
from pixel_llm.cli import measuring, measuring_gpu
from pixel_llm.cli.measuring import Plan
from pixel_llm.errors import GpuError, GpuMemoryError
from pixel_llm.tests.adapters import adapter_or_skip
from pixel_llm.tests.cli.conftest import Cli

SHORT = ("--backend", "gpu", "--prefill", 9, "--decode", 24, "--runs", 1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path))
    return tmp_path


def test_what_is_measured_and_remembered(cli: Cli, tiny_pxi: Path, cache: Path) -> None:
    info = adapter_or_skip()
    ran = cli("bench", tiny_pxi, *SHORT, "--adapter", info.index, "--json")
    report, gpu = ran.json, ran.json["gpu"]
    assert report["backend"] == "gpu" and gpu["adapter"] == info.label
    assert ("is a software adapter" in ran.err) == info.software
    with pixel_llm.open(tiny_pxi) as model:
        layers = model.spec.layers
        stored = sum(tensor.nbytes for tensor in model.file.tensors.values())
    assert 1 <= gpu["dispatches_per_token"] <= 6 * layers + 4
    assert 0 < gpu["submissions_per_token"] <= 0.25
    assert gpu["read_bytes_per_token"] == 4, "an id, for the first token too"
    assert 0 < gpu["weight_bytes_per_token"] <= 1.02 * stored
    assert report["threads"] is None
    assert gpu["host_ms_per_token"] > 0
    speeds = {name: gpu[f"{name}_tok_s"] for name in ("texture", "buffer", "cpu")}
    assert all(speed > 0 for speed in speeds.values())
    assert gpu["form"] == ("buffer" if speeds["buffer"] > speeds["texture"] else "texture")
    ((size, kept),) = measurements(info).items()
    assert kept.form == gpu["form"] and stored / 2 < size < 2 * stored
    assert (cache / "adapters.json").is_file()
    if info.software:
        with pixel_llm.open(tiny_pxi) as model:
            assert weight_bytes(model.file) == stored and choose_backend("auto", model.file) == "cpu"
    (adapter,) = [one for one in cli("doctor", "--json").json["adapters"] if one["index"] == info.index]
    assert adapter["measured"] == [{"weight_bytes": size, **json.loads(json.dumps(vars(kept)))}]
    shown = cli("doctor").out
    assert f"of weights, tokens/s: texture {kept.texture:.1f}, buffer {kept.buffer:.1f}, cpu {kept.cpu:.1f}" in shown


def test_the_table(cli: Cli, tiny_pxi: Path) -> None:
    adapter_or_skip()
    ran = cli("bench", tiny_pxi, *SHORT)
    assert ran.code == 0
    for words in ("Weights as", "texture", "dispatches", "submissions", "bytes read back", "of the host's time"):
        assert words in ran.out


@pytest.mark.parametrize("faster", ["texture", "buffer"])
def test_peak_memory_is_that_of_one_form(
    cli: Cli, tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch, faster: str
) -> None:
    """Not that of the candidates side by side; where the other form is taken in the end, nobody knows."""
    adapter_or_skip()
    peak = [1000]
    with pixel_llm.open(tiny_pxi) as model:
        size = weight_bytes(model.file)
    found = Measurement(**{"texture": 1.0, "buffer": 1.0, "cpu": 1.0, faster: 2.0})

    def compared(*_: object) -> Measurement:
        peak[0] = 3000
        measuring_gpu.remember(measuring_gpu.choose_adapter(), size, found)
        return found

    monkeypatch.setattr(measuring, "peak_memory", lambda: peak[0])
    monkeypatch.setattr(measuring, "compare_forms", compared)
    report = cli("bench", tiny_pxi, *SHORT, "--json").json
    assert report["gpu"]["form"] == faster
    assert report["peak_memory_bytes"] == (1000 if faster == "texture" else None)
    assert ("not measured" in cli("bench", tiny_pxi, *SHORT).out) is False, "the form that is remembered was loaded"


class Loading:
    """`Model.decoder` that refuses some candidates, and notes what is loaded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused: dict[str, Exception] = {}
        self.together = 3
        self.held: list[str] = []
        self.log: list[list[str]] = []
        original, close = pixel_llm.api.Model.decoder, pixel_llm.api.Model.close

        def decoder(model: Any, **options: Any) -> Any:
            name = options.get("form") or options["backend"]
            if name in self.refused:
                raise self.refused[name]
            if len(self.held) >= self.together:
                raise GpuMemoryError("the model needs too much")
            self.held.append(name)
            self.log.append(list(self.held))
            return original(model, **{**options, "backend": "reference", "form": None, "adapter": None})

        monkeypatch.setattr(pixel_llm.api.Model, "decoder", decoder)
        monkeypatch.setattr(pixel_llm.api.Model, "close", lambda model: (self.held.clear(), close(model)))


def compare(path: Path) -> tuple[Measurement, int]:
    runs: list[float] = []
    plan = Plan(backend="gpu", prefill=4, decode=3, runs=2, context=4)

    def ran(speed: float) -> float:
        runs.append(speed)
        return speed

    return measuring_gpu.compare_forms(path, plan, np.arange(1, 5), ran), len(runs)


def test_candidates_take_turns_where_they_fit_together(tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter_or_skip()
    loading = Loading(monkeypatch)
    found, runs = compare(tiny_pxi)
    assert loading.log[-1] == ["texture", "buffer", "cpu"] and runs == 6
    assert None not in (found.texture, found.buffer, found.cpu)


def test_candidates_come_one_by_one_where_they_do_not_fit(tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter_or_skip()
    loading = Loading(monkeypatch)
    loading.together = 1
    found, runs = compare(tiny_pxi)
    assert loading.log[-3:] == [["texture"], ["buffer"], ["cpu"]] and runs == 6
    assert None not in (found.texture, found.buffer, found.cpu)


def test_a_form_that_the_limits_refuse_is_left_out(tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter_or_skip()
    loading = Loading(monkeypatch)
    loading.refused["texture"] = GpuError("rows too long")
    found, runs = compare(tiny_pxi)
    assert found.texture is None and found.form == "buffer" and runs == 6
    loading.refused["buffer"] = GpuError("rows too long")
    with pytest.raises(GpuError, match="neither in textures nor in buffers"):
        compare(tiny_pxi)
    loading.refused["texture"] = GpuMemoryError("too large")
    with pytest.raises(GpuMemoryError):
        compare(tiny_pxi)


def test_auto_says_why_it_goes_on_with_the_cpu(cli: Cli, tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GPU measured best, and is too small for the model."""
    adapter_or_skip()
    monkeypatch.setattr("pixel_llm.backends._gpu_measured_best", lambda model: True)
    monkeypatch.setattr(
        "pixel_llm.backends.gpu.memory.adapter_memory", lambda info: AdapterMemory(8_000_000, 3_000_000, shared=False)
    )
    words = "the cpu backend runs the model, though a GPU was measured to be faster: the model needs"
    prompt = ("generate", tiny_pxi, "-p", "hello", "-n", 3)
    ran = cli(*prompt)
    assert ran.code == 0 and words in ran.err and "3 MB free" in ran.err
    ran = cli(*prompt, "--backend", "gpu")
    assert ran.code == 5 and words not in ran.err and "3 MB free" in ran.err
    ran = cli("bench", tiny_pxi, "--prefill", 4, "--decode", 3, "--runs", 1, "--json")
    assert ran.json["backend"] == "cpu" and ran.json["gpu"] is None and ran.err.count(words) == 1
