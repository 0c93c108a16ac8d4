"""What the InfiniteMap asks of a place that keeps tiles."""

from __future__ import annotations

from typing import Protocol

from pixel_llm.core.tiles.morton import Codes
from pixel_llm.core.tiles.record import Record
from pixel_llm.core.tiles.settings import MapSettings


class TileStore(Protocol):
    """Records under (level, code), in order of their codes.

    Every call but `close` comes between a `begin_*` and its end. One writer at a time; a reader sees the state that
    was committed last when its reading began. Codes are int64, ranges hold both ends.
    """

    @property
    def settings(self) -> MapSettings: ...

    @property
    def location(self) -> str:
        """The file, or a word in brackets; for messages."""
        ...

    @property
    def read_only(self) -> bool: ...

    def begin_read(self) -> int:
        """Starts a reading transaction; a number that changes when others have committed."""
        ...

    def end_read(self) -> None: ...

    def begin_write(self) -> int:
        """Starts the writing transaction, BusyError if another process keeps it; the number of `begin_read`."""
        ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def get(self, level: int, code: int) -> Record | None: ...

    def put(self, level: int, code: int, record: Record) -> None: ...

    def delete(self, level: int, first: int, last: int) -> None:
        """Removes every record of the range."""
        ...

    def codes(self, level: int, first: int, last: int, limit: int | None = None) -> Codes:
        """The codes of the range in ascending order, at most `limit`."""
        ...

    def count(self, level: int, first: int, last: int) -> int: ...

    def span(self, level: int, first: int, last: int) -> tuple[int, int] | None:
        """The least and the greatest code of the range, None if it is empty."""
        ...

    def close(self) -> None: ...
