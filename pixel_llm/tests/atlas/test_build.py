"""Building: the stored pyramid is the weights', the same however often it was ended, and never half there."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.atlas_file import AtlasFile, atlas_path
from pixel_llm.atlas.blocks import block_sums
from pixel_llm.atlas.build import SHARE, build_atlas, first_level
from pixel_llm.atlas.journal import Journal
from pixel_llm.atlas.layout_plan import plan_layout
from pixel_llm.atlas.model_layout import layout_of
from pixel_llm.atlas.statistics import Sums
from pixel_llm.atlas.weights import ModelWeights
from pixel_llm.core import durable
from pixel_llm.core.pxi import PxiFile, PxiUpdater
from pixel_llm.errors import (
    AlreadyExistsError,
    AtlasFormatError,
    BusyError,
    IntegrityError,
    InvalidArgumentError,
    StorageError,
)
from pixel_llm.formats.encodings import BF16
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.specs import SPECS
from pixel_llm.testing.stored_model import write_model
from pixel_llm.tests.core.crash_model import Recorder, contents, killed_states, materialise


@pytest.fixture
def copy(mixed_pxi: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(mixed_pxi, tmp_path / "m.pxi"))


def built(path: Path) -> bytes:
    with ModelFile.open(path) as model:
        build_atlas(model, overwrite=True)
    return atlas_path(path).read_bytes()


def test_every_tile_is_what_the_weights_say(mixed: ModelFile, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = build_atlas(mixed, path=tmp_path / "a", progress=lambda done, total: seen.append((done, total)))
    layout = layout_of(mixed)
    with AtlasFile(tmp_path / "a") as atlas:
        assert atlas.stale(mixed, layout) is None and report.bytes == atlas.bytes
        assert (report.first_level, report.max_level) == (atlas.first_level, atlas.max_level)
        levels = range(atlas.first_level, atlas.max_level + 1)
        assert set(atlas.tiles) == {(level, x, y) for level in levels for x, y in layout.tiles(level)}
        assert atlas.max_level > atlas.first_level and min(x for _, x, _ in atlas.tiles) < 0
        for level, x, y in atlas.tiles:
            planes = atlas.planes(level, x, y)
            exact = block_sums(ModelWeights(mixed), layout, level, x * 256, y * 256, 256, 256).statistics()
            assert planes is not None
            for name, expected in exact.items():
                found = planes[name].astype(np.float64)
                np.testing.assert_array_equal(np.isnan(found), np.isnan(expected), err_msg=name)
                # A share is coded in 254ths; a mean is as exact as a sum of numbers of that RMS can be.
                tolerance = 1 / 254 if name in ("zeros", "nonfinite") else exact["rms"] * 2**-9
                error = np.nan_to_num(np.abs(found - expected), nan=0.0)
                assert (error <= np.nan_to_num(tolerance + np.abs(expected) * 2**-9)).all(), name
                if name == "min":
                    assert not (found > expected).any()
                if name == "max":
                    assert not (found < expected).any()
    done, total = zip(*seen, strict=True)
    assert list(done) == sorted(done) and done[-1] == total[-1] == sum(t.nbytes for t in mixed.tensors.values())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a"]


def test_statistics_of_whole_tensors(mixed: ModelFile, tmp_path: Path) -> None:
    build_atlas(mixed, path=tmp_path / "a")
    with AtlasFile(tmp_path / "a") as atlas:
        assert atlas.statistics.keys() == mixed.tensors.keys()
        for name, stats in atlas.statistics.items():
            values = mixed.tensors[name].rows().astype(np.float64)
            finite = values[np.isfinite(values)]
            assert stats.count == values.size and stats.nonfinite == values.size - finite.size
            assert stats.zeros == np.count_nonzero(finite == 0)
            if not finite.size:
                assert stats.rms is stats.mean is stats.min is stats.max is None and stats.outliers == 0
                continue
            assert (stats.min, stats.max) == (finite.min(), finite.max())
            assert stats.rms == pytest.approx(np.sqrt(np.mean(finite**2)), rel=1e-6)
            assert stats.mean == pytest.approx(finite.mean(), abs=1e-6 * np.abs(finite).max())
            assert stats.outliers == np.count_nonzero(np.abs(finite) > 6 * stats.rms), name
        queries = atlas.statistics["blk.1.attn_q.weight"].heads
        rows = mixed.tensors["blk.1.attn_q.weight"].rows().reshape(4, 16, -1)
        np.testing.assert_allclose(queries, np.linalg.norm(rows.reshape(4, -1), axis=1), rtol=1e-5)
        output = mixed.tensors["blk.1.attn_output.weight"].rows()
        norms = [np.linalg.norm(output[:, 16 * h : 16 * h + 16]) for h in range(4)]
        np.testing.assert_allclose(atlas.statistics["blk.1.attn_output.weight"].heads, norms, rtol=1e-5)
        assert atlas.statistics["blk.1.ffn_up.weight"].heads is None


def test_outliers_are_counted_to_the_weight(tmp_path: Path) -> None:
    def spiked(name: str, weights: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        if name == "token_embd.weight":
            weights.flat[[0, 63, 64, 777, weights.size - 1]] = [50, -50, 60, 70, -80]
        return weights

    path = write_model(tmp_path / "m.pxi", SPECS["plain"], encodings=[BF16], change=spiked)
    with ModelFile.open(path) as model:
        build_atlas(model)
    with AtlasFile(atlas_path(path)) as atlas:
        assert atlas.statistics["token_embd.weight"].outliers == 5
        assert sum(s.outliers for s in atlas.statistics.values()) == 5


def test_threads_do_not_change_a_byte(copy: Path) -> None:
    first = built(copy)
    for threads in (1, 3):
        with ModelFile.open(copy) as model:
            build_atlas(model, overwrite=True, threads=threads)
        assert atlas_path(copy).read_bytes() == first


def test_an_atlas_that_is_there_is_kept(copy: Path) -> None:
    built(copy)
    with ModelFile.open(copy) as model, pytest.raises(AlreadyExistsError, match="up to date"):
        build_atlas(model)


def test_an_atlas_of_other_weights_is_replaced(copy: Path) -> None:
    before = built(copy)
    with PxiUpdater(copy) as update:
        update.replace_array("blk.1.ffn_norm.weight", np.ones((1, 64), np.float32))
        update.commit()
    with ModelFile.open(copy) as model:
        with AtlasFile(atlas_path(copy)) as atlas:
            assert atlas.stale(model, layout_of(model)) == "it was made from other weights"
        build_atlas(model)
        with AtlasFile(atlas_path(copy)) as atlas:
            assert atlas.generation == 2 and atlas.statistics["blk.1.ffn_norm.weight"].rms == 1
    assert atlas_path(copy).read_bytes() != before
    with PxiFile(copy) as file:
        assert file.verify().ok


def test_a_damaged_model_is_not_drawn(copy: Path) -> None:
    with ModelFile.open(copy) as model:
        page = model.pxi.pages[model.tensors["blk.1.ffn_up.weight"].pages[0]]
    data = bytearray(copy.read_bytes())
    data[page.offset] ^= 1
    copy.write_bytes(data)
    with ModelFile.open(copy) as model, pytest.raises(IntegrityError, match="ffn_up"):
        build_atlas(model)
    assert not atlas_path(copy).exists()


def test_memory_that_is_given_back_can_be_read_again(copy: Path) -> None:
    with PxiFile(copy) as file:
        name = next(iter(file.pages))
        before = file.array(name)
        kept = before.copy()
        file.release()
        np.testing.assert_array_equal(before, kept)
        np.testing.assert_array_equal(file.array(name), kept)
    file.release()
    np.testing.assert_array_equal(before, kept)


def test_killed_anywhere_it_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    """Every state that a kill between two operations, or within a write, can leave."""
    folder = tmp_path / "work"
    folder.mkdir()
    wide = {"blk.0.odd.weight": np.arange(90_000, dtype=np.float32).reshape(9, -1)}  # three tiles
    path = write_model(folder / "m.pxi", SPECS["smallest"], encodings=[BF16], extra=wide)
    before, recorder = contents(folder), Recorder()
    with durable.watched(recorder):
        expected = built(path)
    assert len([s for s in recorder.steps if s.kind == "rename"]) == 1
    resumed: set[int] = set()
    states = list(killed_states(before, recorder.steps))
    for _, files in states[:: max(1, len(states) // 30)]:
        materialise(files, folder)
        if atlas_path(path).exists():
            assert atlas_path(path).read_bytes() == expected
        with ModelFile.open(path) as model:
            resumed.add(build_atlas(model, overwrite=True).resumed)
        assert atlas_path(path).read_bytes() == expected
        assert not atlas_path(path).with_name("m.pxi.atlas.partial").exists()
    assert {0, 3} <= resumed


def test_a_killed_process_leaves_no_atlas(copy: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pixel_llm.core import durable; import os, signal\n"
        "from pixel_llm.atlas.build import build_atlas; from pixel_llm.formats.model_file import ModelFile\n"
        "def die(op):\n    if op.kind == 'rename': os.kill(os.getpid(), signal.SIGKILL)\n"
        "with durable.watched(die): build_atlas(ModelFile.open(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(copy)], check=False)
    assert done.returncode == -signal.SIGKILL and not atlas_path(copy).exists()
    with ModelFile.open(copy) as model:
        assert build_atlas(model).resumed > 0


def test_ctrl_c_keeps_what_is_done(copy: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with ModelFile.open(copy) as model, pytest.raises(KeyboardInterrupt):
        build_atlas(model, progress=stop)
    assert not atlas_path(copy).exists()
    assert built(copy)


def test_two_builders_do_not_meet(copy: Path) -> None:
    partial = atlas_path(copy).with_name("m.pxi.atlas.partial")
    partial.touch()
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(partial, held, leave))
    other.start()
    try:
        assert held.wait(60)
        with ModelFile.open(copy) as model, pytest.raises(BusyError):
            build_atlas(model)
    finally:
        leave.set()
        other.join()


def _hold(path: Path, held: object, leave: object) -> None:
    from pixel_llm.core.pxi.locking import open_locked

    file = open_locked(path)
    held.set()  # type: ignore[attr-defined]
    leave.wait(60)  # type: ignore[attr-defined]
    file.close()


def test_a_journal_of_other_weights_is_not_used(copy: Path) -> None:
    partial = atlas_path(copy).with_name("m.pxi.atlas.partial")
    for junk in (b"", b"junk", b"PXAJ" * 1000):
        partial.write_bytes(junk)
        with ModelFile.open(copy) as model:
            assert build_atlas(model, overwrite=True).resumed == 0


@pytest.mark.parametrize("part", ["tile", "sums", "totals", "names"])
def test_a_journal_that_somebody_made_up_is_not_used(copy: Path, part: str) -> None:
    """Right hashes around the wrong content."""
    clean = built(copy)
    recorder = Recorder()
    with durable.watched(recorder):
        built(copy)
    partial = atlas_path(copy).with_name("m.pxi.atlas.partial")
    head, record = [s.data for s in recorder.steps if s.kind == "write" and s.name == partial.name][:2]
    mark, x, y, *lengths = struct.unpack_from("<4siiIII", record)
    body = record[struct.calcsize("<4siiIII32s") :]
    parts = [body[: lengths[0]], body[lengths[0] : lengths[0] + lengths[1]], body[lengths[0] + lengths[1] :]]
    number, junk = {"tile": (0, b"x"), "sums": (1, b"x" * 9), "totals": (2, b"[1]"), "names": (2, b'[[1, "a", ""]]')}[
        part
    ]
    parts[number] = junk
    data = b"".join(parts)
    made = struct.pack("<4siiIII", mark, x, y, *map(len, parts)) + hashlib.sha256(data).digest() + data
    for content, resumed in ((head + record, 1), (head + made, 0), (head + made + record, 0)):
        partial.write_bytes(content)
        with ModelFile.open(copy) as model:
            assert build_atlas(model, overwrite=True).resumed == resumed
        assert atlas_path(copy).read_bytes() == clean


def test_a_journal_of_other_tensors_is_told(copy: Path) -> None:
    with ModelFile.open(copy) as model:
        first = first_level(layout_of(model), sum(t.nbytes for t in model.tensors.values()))
        key = {"root": model.pxi.root_hash.hex(), "layout": layout_of(model).digest(), "version": 1}
        with Journal(atlas_path(copy).with_name("m.pxi.atlas.partial"), key | {"first_level": first}) as journal:
            tile = tile_format.pack(tile_format.encode_sums(first, Sums.empty(256, 256)))
            for x, y in layout_of(model).tiles(first):
                journal.add(x, y, tile, Sums.empty(128, 128), {("stranger", None): Sums.empty(1, 1)})
        with pytest.raises(AtlasFormatError, match="delete it"):
            build_atlas(model)


def test_what_cannot_be_written_is_told(copy: Path, mixed_pxi: Path) -> None:
    with ModelFile.open(copy) as model:
        with pytest.raises(InvalidArgumentError, match="the model itself"):
            build_atlas(model, path=copy)
        if os.geteuid():
            copy.parent.chmod(0o500)
            with pytest.raises(StorageError):
                build_atlas(model)
            copy.parent.chmod(0o700)


def test_the_size_stays_within_the_share(smollm2_pxi: Path) -> None:
    start = time.perf_counter()
    with ModelFile.open(smollm2_pxi) as model:
        report = build_atlas(model, overwrite=True)
    assert report.bytes <= SHARE * report.model_bytes and report.first_level == 5
    print(f"SmolLM2: {time.perf_counter() - start:.1f} s")
    with AtlasFile(atlas_path(smollm2_pxi)) as atlas:
        index = json.dumps({n: s.to_json() for n, s in atlas.statistics.items()})
        assert "token_embd.weight" in index


def test_the_first_level_follows_the_budget() -> None:
    layout = plan_layout({"a": (4096, 4096)})
    assert [first_level(layout, 4096 * 4096 * bits // 32) for bits in (128, 64, 34)] == [4, 4, 4]
    assert [first_level(layout, 4096 * 4096 * bits // 32) for bits in (24, 20, 18, 0)] == [5, 5, 5, 5]
