"""`pixel-llm bench`, and what it shares with `doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

import pixel_llm
from pixel_llm.backends.base import Chunk
from pixel_llm.cli import machine, measuring
from pixel_llm.cli.measuring import Measured, Plan, Speed, measure, weight_bytes_per_token
from pixel_llm.testing.hf_folder import write_hf_folder
from pixel_llm.testing.tiny import CONFIGS
from pixel_llm.tests.cli.conftest import Cli
from pixel_llm.tests.generate.conftest import ScriptedDecoder

KEYS = {"model", "backend", "threads", "prefill", "decode", "runs", "context", "batch", "kv_bits"}
KEYS |= {f"{speed}_tok_s{end}" for speed in ("prefill", "decode", "batch") for end in ("", "_min", "_max")}
KEYS |= {
    "time_to_first_token_s",
    "weight_bytes_per_token",
    "decode_gb_s",
    "read_gb_s",
    "bandwidth_share",
    "peak_memory_bytes",
    "gpu",
}
SHORT = ("--backend", "reference", "--prefill", 20, "--decode", 4, "--runs", 3)


def test_json(cli: Cli, tiny_pxi: Path) -> None:
    report = cli("bench", tiny_pxi, *SHORT, "--context", 30, "--batch", 3, "--threads", 1, "--json").json
    assert set(report) == KEYS
    assert (report["prefill"], report["decode"], report["runs"]) == (20, 4, 3)
    assert (report["context"], report["batch"], report["backend"]) == (30, 3, "reference")
    assert report["kv_bits"] == 16
    for speed in ("prefill_tok_s", "decode_tok_s", "batch_tok_s"):
        assert 0 < report[f"{speed}_min"] <= report[speed] <= report[f"{speed}_max"]
    assert report["decode_gb_s"] == pytest.approx(report["decode_tok_s"] * report["weight_bytes_per_token"] / 1e9, 0.1)
    assert report["bandwidth_share"] == pytest.approx(report["decode_gb_s"] / report["read_gb_s"], abs=1e-3)
    assert 0 < report["time_to_first_token_s"] < 60
    assert 30e6 < report["peak_memory_bytes"] < psutil.virtual_memory().total


def test_table(cli: Cli, tiny_pxi: Path) -> None:
    ran = cli("bench", tiny_pxi, *SHORT, "--batch", 2)
    assert ran.code == 0
    for words in ("prefill 20 tokens", "decode at 20 tokens", "decode 2 sequences together", "GB/s", "First token"):
        assert words in ran.out
    plain = cli("bench", tiny_pxi, *SHORT)
    assert plain.code == 0 and "together" not in plain.out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--prefill", 19_990, "--decode", 11], 2, "20001 positions, and the model has 20000"),
        (["--context", 30_000], 2, "lower --prefill, --context or --decode"),
        (["--backend", "gpu", "--adapter", "no such"], 5, "adapter 'no such'"),
        (["--kv-bits", 8], 2, "the reference backend has no KV cache of 8 bits"),
        (["--runs", 0], 2, "--runs"),
        (["--batch", 5000], 2, "5000 slots"),
    ],
)
def test_says_what_is_wrong(cli: Cli, tiny_pxi: Path, options: list[Any], code: int, words: str) -> None:
    ran = cli("bench", tiny_pxi, "--backend", "reference", *options)
    assert (ran.code, ran.out) == (code, "") and words in ran.err


def test_a_missing_file(cli: Cli, tmp_path: Path) -> None:
    assert cli("bench", tmp_path / "gone.pxi").code == 4


def test_what_is_run_and_how_it_is_counted(tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0)
    made: list[Any] = []

    class Timed(ScriptedDecoder):
        """Each pass takes a second, and a tenth more for each token."""

        def forward(self, chunks: Sequence[Chunk]) -> list[np.ndarray]:
            clock.now += 1 + 0.1 * sum(len(chunk.ids) for chunk in chunks)
            self.log.append([len(chunk.ids) for chunk in chunks])
            return super().forward(chunks)

    def decoder(
        self: Any,
        *,
        context_length: int,
        slots: int,
        threads: int | None,
        backend: str,
        kv_bits: int,
        adapter: None,
        notify: Any = None,
    ) -> Timed:
        made.append(Timed(lambda held: (held[-1] + 1) % 256, context_length=context_length, slots=slots))
        made[-1].log, made[-1].threads, made[-1].kv_bits = [], threads, kv_bits
        return made[-1]

    monkeypatch.setattr(pixel_llm.api.Model, "decoder", decoder)
    monkeypatch.setattr(measuring, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    monkeypatch.setattr(measuring, "read_bandwidth", lambda threads, runs: 10.0 * threads)
    steps: list[tuple[int, int]] = []
    plan = Plan(threads=2, prefill=300, decode=5, runs=2, context=100, batch=3, kv_bits=8)
    found = measure(tiny_pxi, plan, progress=lambda *step: steps.append(step))
    # A prompt of 300 tokens takes a pass of 256 and one of 44.
    assert found.first_token == pytest.approx(32)
    assert found.prefill.runs == pytest.approx((300 / 32, 300 / 32))
    assert found.decode.runs == pytest.approx((1 / 1.1, 1 / 1.1))
    assert found.batch is not None and found.batch.median == pytest.approx(3 / 1.3)
    assert steps == [(n, 6) for n in range(1, 7)]
    assert [(one.context_length, one.kv_bits) for one in made] == [(305, 8), (305, 8)]
    assert made[1].log == [[256], [44]] * 3 + [[100]] * 3 + [[1]] * 10 + [[1, 1, 1]] * 10
    assert (found.threads, found.read_gb_s) == (2, 20.0)
    assert found.share == pytest.approx(found.weight_bytes / 1.1 / 20e9)


@pytest.mark.parametrize(("name", "tied"), [("llama", False), ("qwen3", True)])
def test_weight_bytes(tmp_path: Path, name: str, tied: bool) -> None:
    write_hf_folder(tmp_path / "model", CONFIGS[name])
    pixel_llm.import_model(tmp_path / "model", tmp_path / "m.pxi", quant="q8")
    with pixel_llm.open(tmp_path / "m.pxi") as model:
        stored = sum(plane.nbytes for tensor in model.file.tensors.values() for plane in tensor.planes())
        vocab, width = model.file.tensors["token_embd.weight"].shape
        unread = 0 if tied else (vocab - 1) * width * 34 // 32  # q8: 32 codes and a float16 scale
        assert weight_bytes_per_token(model) == stored - unread


def test_without_room_the_bandwidth_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (machine.read_bandwidth(2, 1) or 0) > 0.1
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1 << 20, total=1 << 21))
    assert machine.read_bandwidth(2) is None
    assert machine.memory()["read_gb_s"] is None
    found = Measured("cpu", 2, Speed((1.0,)), Speed((2.0, 4.0, 3.0)), None, 0.5, 1000, None, 5)
    assert found.share is None and found.to_json()["bandwidth_share"] is None
    assert found.to_json()["batch_tok_s"] is None and found.to_json()["decode_tok_s"] == 3
    assert (found.to_json()["decode_tok_s_min"], found.to_json()["decode_tok_s_max"]) == (2, 4)
