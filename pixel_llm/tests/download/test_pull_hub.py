"""`pull hf:…` through huggingface_hub, against a hub on the loopback interface."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixel_llm.download import pull
from pixel_llm.download.hub import choose_files, parse_name
from pixel_llm.errors import DownloadError, InvalidArgumentError, NotFoundError, UnsupportedError
from pixel_llm.tests.download.loopback import HubHandler, State, serve

WEIGHTS = random.Random(3).randbytes(400_000)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[State]:
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serve(HubHandler) as state:
        monkeypatch.setenv("HF_ENDPOINT", state.url)
        yield state


def test_a_folder_gets_only_what_the_importer_reads(hub: State) -> None:
    hub.files = {
        "README.md": b"read me",
        "config.json": b"{}",
        "tokenizer.json": b'{"a": 1}',
        "model.safetensors": WEIGHTS,
        "onnx/model.safetensors": b"no",
        "pytorch_model.bin": b"no",
    }
    seen: list[tuple[int, int]] = []
    result = pull("hf:tiny/model", progress=lambda done, total: seen.append((done, total)))
    files = sorted(str(p.relative_to(result.path)) for p in result.path.rglob("*") if p.is_file())
    assert [f for f in files if not f.startswith(".cache")] == ["config.json", "model.safetensors", "tokenizer.json"]
    assert (result.path / "model.safetensors").read_bytes() == WEIGHTS
    assert result.size == len(WEIGHTS) + 10 and result.licence == "apache-2.0" and not result.cached
    assert seen[-1] == (result.size, result.size) and seen == sorted(seen)
    fetched = len([p for p in hub.paths() if "resolve" in p])
    again = pull("hf:tiny/model")
    assert again.cached and again.path == result.path
    assert len([p for p in hub.paths() if "resolve" in p]) == fetched


def test_one_file_of_several(hub: State) -> None:
    hub.files = {"a-Q4_0.gguf": b"GGUF a", "b-Q8_0.gguf": b"GGUF b", "sub/c.gguf": b"GGUF c"}
    with pytest.raises(InvalidArgumentError, match=r"3 GGUF files.*hf:tiny/model:FILE, of a-Q4_0\.gguf"):
        pull("hf:tiny/model")
    assert pull("hf:tiny/model:b-Q8_0.gguf").path.read_bytes() == b"GGUF b"
    assert pull("hf:tiny/model:sub/c.gguf").path.read_bytes() == b"GGUF c"
    with pytest.raises(NotFoundError, match="no file 'd"):
        pull("hf:tiny/model:d.gguf")


def test_a_cut_transfer_is_continued(hub: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 50_000)  # it keeps whole chunks only
    hub.files = {"m.gguf": WEIGHTS}
    hub.cuts = [150_000]
    assert pull("hf:tiny/model").path.read_bytes() == WEIGHTS
    assert any(r and r.startswith("bytes=") for method, path, r, _ in hub.requests if method == "GET")


def test_a_changed_repository_is_fetched_again(hub: State) -> None:
    hub.files = {"m.gguf": b"GGUF one"}
    pull("hf:tiny/model")
    hub.files = {"m.gguf": b"GGUF two!"}
    hub.commit = "beef" * 10
    result = pull("hf:tiny/model")
    assert not result.cached and result.path.read_bytes() == b"GGUF two!"


def test_unknown_and_gated_repositories(hub: State) -> None:
    with pytest.raises(NotFoundError, match="no such repository"):
        pull("hf:nobody/nothing")
    with pytest.raises(DownloadError, match=r"granted.*HF_TOKEN"):
        pull("hf:secret/model")


def test_the_token_goes_to_the_hub_and_into_no_message(hub: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    hub.files = {"m.gguf": b"GGUF"}
    pull("hf:tiny/model")
    assert {auth for _, _, _, auth in hub.requests} == {"Bearer hf_verysecret"}
    with pytest.raises(DownloadError) as caught:
        pull("hf:secret/model")
    assert "verysecret" not in str(caught.value)


def test_nothing_to_import(hub: State) -> None:
    hub.files = {"README.md": b"", "model.bin": b""}
    with pytest.raises(UnsupportedError, match="neither safetensors"):
        pull("hf:tiny/model")


def test_names_that_lead_out_of_the_folder_are_not_fetched(hub: State, tmp_path: Path) -> None:
    hub.files = {"../../evil.gguf": b"GGUF evil", "/tmp/evil.gguf": b"GGUF", "..\\evil.gguf": b"GGUF"}
    with pytest.raises(UnsupportedError):
        pull("hf:tiny/model")
    hub.files["good.gguf"] = b"GGUF good"
    assert pull("hf:tiny/model").path.read_bytes() == b"GGUF good"
    assert not list(tmp_path.rglob("*evil*"))


def test_no_hub_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path))
    with serve(HubHandler) as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.url)
    with pytest.raises(DownloadError, match="cannot be reached"):
        pull("hf:tiny/model")


def test_shards_and_their_index_win_over_other_weights() -> None:
    names = ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    names += ["model.safetensors.index.json", "consolidated.safetensors", "model.gguf"]
    assert choose_files(names, "o/r") == [
        "config.json",
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]


@pytest.mark.parametrize(
    "name", ["hf:", "hf:owner", "hf:a/b/c", "hf:../x", "hf:a/..", "hf:a/b:/etc/passwd", "hf:a/b:../x"]
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(InvalidArgumentError, match="hf:OWNER/REPO"):
        parse_name(name)
