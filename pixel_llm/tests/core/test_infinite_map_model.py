"""The InfiniteMap against a dictionary of pixels, and its quadtree against plain arithmetic."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import ClassVar

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pixel_llm.core.infinite_map import LIMIT, InfiniteMap
from pixel_llm.core.tiles import morton
from pixel_llm.testing.tile_store import ramp

_coordinate = st.one_of(
    st.integers(-LIMIT, LIMIT - 300),
    st.integers(-600, 600),
    st.sampled_from([-LIMIT, LIMIT - 300, 2**31 - 5, -(2**31) - 5, 2**32 - 9]),
)


class AgainstDictionary(RuleBasedStateMachine):
    """Random writes, deletes, batches and reopenings against a dictionary of pixels."""

    name: ClassVar[str | None] = None

    @initialize()
    def create(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.plane = InfiniteMap(Path(self.folder.name) / self.name if self.name else None, cache_bytes=300_000)
        self.model: dict[tuple[int, int], int] = {}
        self.kept: dict[tuple[int, int], int] | None = None
        self.places = [(0, 0)]

    @rule(x=_coordinate, y=_coordinate, w=st.integers(1, 290), h=st.integers(1, 5), value=st.integers(0, 200))
    def write(self, x: int, y: int, w: int, h: int, value: int) -> None:
        array = ramp(h, w, value) if value else np.zeros((h, w), np.uint8)
        self.plane.write_region(x, y, array)
        self._remember(x, y, array)

    @rule(data=st.data(), w=st.integers(1, 280), h=st.integers(1, 280), dx=st.integers(-270, 9), keep=st.booleans())
    def change_near(self, data: st.DataObject, w: int, h: int, dx: int, keep: bool) -> None:
        x, y = data.draw(st.sampled_from(self.places))
        x = min(max(x + dx, -LIMIT), LIMIT - w)
        y = min(y, LIMIT - h)
        try:
            with self.plane.batch():
                self.plane.write_region(x, y, ramp(1, 2))
                self.plane.delete_region(x, y, w, h)
                if not keep:
                    raise KeyError
        except KeyError:
            return
        if w == 1:  # the second pixel written lies beside the deleted ones
            self.model[x + 1, y] = 3
        for at in [p for p in self.model if x <= p[0] < x + w and y <= p[1] < y + h]:
            del self.model[at]

    @rule()
    def keep(self) -> None:
        """A state that lasts, in the place of the one before."""
        if self.kept is not None:
            self.plane.delete_snapshot("kept")
        self.plane.take_snapshot("kept")
        self.kept = dict(self.model)

    @rule()
    def look_back(self) -> None:
        if self.kept is not None:
            with self.plane.open_snapshot("kept") as old:
                assert set(old) == {(x // 256, y // 256) for x, y in self.kept}
                for x, y in list(self.kept)[::97]:
                    assert old.read_region(x, y, 1, 1) == self.kept[x, y]

    @rule()
    def compact(self) -> None:
        if self.kept is not None:
            self.plane.delete_snapshot("kept")
            self.kept = None
        self.plane.compact()

    @rule()
    def reopen(self) -> None:
        self.plane.close()
        self.plane = InfiniteMap(self.plane.location if self.name else self.plane._store, cache_bytes=300_000)

    @rule(data=st.data(), dx=st.integers(-300, 300), w=st.integers(1, 600), h=st.integers(1, 20))
    def read(self, data: st.DataObject, dx: int, w: int, h: int) -> None:
        x, y = data.draw(st.sampled_from(self.places))
        x, y = min(max(x + dx, -LIMIT), LIMIT - w), min(y, LIMIT - h)
        expected = np.zeros((h, w), np.uint8)
        for (px, py), value in self.model.items():
            if x <= px < x + w and y <= py < y + h:
                expected[py - y, px - x] = value
        np.testing.assert_array_equal(self.plane.read_region(x, y, w, h), expected)

    @invariant()
    def tiles_are_those_with_pixels(self) -> None:
        if not hasattr(self, "model"):
            return
        tiles = {(x // 256, y // 256) for x, y in self.model}
        listed = list(self.plane)
        assert len(listed) == len(tiles)
        assert set(listed) == tiles
        bounds = self.plane.bounds()
        if tiles:
            left, top = min(t[0] for t in tiles) * 256, min(t[1] for t in tiles) * 256
            right, bottom = max(t[0] for t in tiles) * 256 + 256, max(t[1] for t in tiles) * 256 + 256
            assert bounds == (left, top, right - left, bottom - top)

    def teardown(self) -> None:
        if hasattr(self, "plane"):
            self.plane.close()
            self.folder.cleanup()

    def _remember(self, x: int, y: int, array: np.ndarray) -> None:
        self.places.append((x, y))
        for (row, column), value in np.ndenumerate(array):
            if value:
                self.model[x + column, y + row] = int(value)
            else:
                self.model.pop((x + column, y + row), None)


class InSQLite(AgainstDictionary):
    name = "a.map"


class InPxi(AgainstDictionary):
    name = "a.pxi"


_quick = settings(max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
TestMemoryModel = AgainstDictionary.TestCase
TestMemoryModel.settings = _quick
TestSQLiteModel = InSQLite.TestCase
TestSQLiteModel.settings = _quick
TestPxiModel = InPxi.TestCase
TestPxiModel.settings = _quick

_biased = st.one_of(st.integers(0, 2**31 - 1), st.integers(2**30 - 40, 2**30 + 40))


@given(_biased, _biased)
def test_codes_are_interleaved_bits(x: int, y: int) -> None:
    code = morton.interleave(x, y)
    assert code == sum((x >> i & 1) << 2 * i | (y >> i & 1) << 2 * i + 1 for i in range(31))
    assert morton.separate(code) == (x, y)
    assert morton.separate(np.array([code])) == (x, y)
    at = morton.decode(0, code)
    assert morton.decode(1, code >> 2) == (at[0] >> 1, at[1] >> 1)


@given(_biased, _biased, st.integers(0, 70), st.integers(0, 70), st.integers(4, 40))
def test_key_ranges_hold_the_rectangle(x: int, y: int, w: int, h: int, limit: int) -> None:
    box = morton.Box(x, y, min(x + w, 2**31 - 1), min(y + h, 2**31 - 1))
    ranges = morton.key_ranges(box, limit)
    assert len(ranges) <= limit
    assert all(a.last < b.first for a, b in itertools.pairwise(ranges))
    columns, rows = np.meshgrid(np.arange(box.x0, box.x1 + 1), np.arange(box.y0, box.y1 + 1))
    codes = morton.interleave(columns.ravel(), rows.ravel())
    held = np.zeros(codes.shape, int)
    for first, last, exact in ranges:
        inside = (codes >= first) & (codes <= last)
        held += inside
        assert not exact or inside.sum() == last - first + 1
    assert (held == 1).all()


@settings(deadline=None, max_examples=30)
@given(
    st.sets(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), max_size=12),
    st.integers(-9000, 9000),
    st.integers(-9000, 9000),
)
def test_nearest_is_that_of_a_plain_search(tiles: set[tuple[int, int]], x: int, y: int) -> None:
    plane = InfiniteMap()
    with plane.batch():
        for tile in tiles:
            plane.put_tile(*tile, np.ones((256, 256), np.uint8))

    def distance(tile: tuple[int, int]) -> tuple[int, int]:
        dx, dy = (max(t * 256 - p, 0, p - t * 256 - 255) for t, p in zip(tile, (x, y), strict=True))
        return dx * dx + dy * dy, morton.encode(0, *tile)

    assert plane.nearest(x, y, count=99) == sorted(tiles, key=distance)
