"""Best-first search of the quadtree through a store's key ranges."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from pixel_llm.core.tiles.morton import Box, ancestor_shift, cell_box, last_code
from pixel_llm.core.tiles.store import TileStore


def best_first(store: TileStore, level: int, cost: Callable[[Box], int]) -> Iterator[int]:
    """Codes of the stored tiles by ascending cost, then in Z-order.

    `cost` of a box must not be more than that of any box inside it. A step looks at the smallest cell that holds a
    range's first and last stored code, so empty space is never walked (a path-compressed quadtree; the search is that
    of Hjaltason and Samet, "Distance browsing in spatial databases", ACM TODS 24(2), 1999).
    """
    heap: list[tuple[int, int, int]] = []

    def push(first: int, last: int) -> None:
        span = store.span(level, first, last)
        if span is not None:
            heapq.heappush(heap, (cost(cell_box(span[0], ancestor_shift(*span))), *span))

    push(0, last_code(level))
    while heap:
        _, first, last = heapq.heappop(heap)
        if first == last:
            yield first
            continue
        shift = ancestor_shift(first, last)
        start = first >> shift << shift
        quarter = 1 << (shift - 2)
        for child in range(start, start + 4 * quarter, quarter):
            low, high = max(child, first), min(child + quarter - 1, last)
            if low <= high:
                push(low, high)
