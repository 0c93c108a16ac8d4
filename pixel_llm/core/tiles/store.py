"""What the InfiniteMap asks of a place that keeps tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pixel_llm.core.tiles.morton import Codes, KeyRange
from pixel_llm.core.tiles.record import Record
from pixel_llm.core.tiles.settings import MapSettings


class MapSnapshot(NamedTuple):
    """A named state of a map. `created` is UTC, `2026-01-31T12:00:00Z`."""

    name: str
    created: str


class TileStore(Protocol):
    """Records under (level, code), in order of their codes.

    Every call but `version`, `compact` and `close` comes between a `begin_*` and its end. One writer at a time; a
    reader sees the state that was committed last when its reading began. Codes are int64, ranges hold both ends.
    """

    @property
    def settings(self) -> MapSettings: ...

    @property
    def location(self) -> str:
        """The file, or a word in brackets; for messages."""
        ...

    @property
    def read_only(self) -> bool: ...

    def version(self) -> int:
        """The number that `begin_read` would return now."""
        ...

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

    def codes_in(self, level: int, ranges: Sequence[KeyRange]) -> Codes:
        """The codes of all the ranges, one after the other."""
        ...

    def count(self, level: int, first: int, last: int) -> int: ...

    def span(self, level: int, first: int, last: int) -> tuple[int, int] | None:
        """The least and the greatest code of the range, None if it is empty."""
        ...

    def snapshots(self) -> list[MapSnapshot]:
        """The named states, oldest first."""
        ...

    def take_snapshot(self, name: str) -> None:
        """Names the state that the writing transaction began with; nothing else is written in it."""
        ...

    def delete_snapshot(self, name: str) -> None:
        """Forgets a name that `snapshots` lists."""
        ...

    def at_snapshot(self, name: str) -> TileStore:
        """A store of that state, for reading only; NotFoundError where there is no such name."""
        ...

    def compact(self) -> None:
        """Gives back the space that nothing refers to any more."""
        ...

    def close(self) -> None: ...
