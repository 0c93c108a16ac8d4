"""A least-recently-used cache with a budget in bytes."""

from collections import OrderedDict
from collections.abc import Hashable


class ByteCache:
    """Keeps values whose lengths together are at most `budget`."""

    def __init__(self, budget: int) -> None:
        if budget < 0:
            raise ValueError(f"a budget of {budget} bytes")
        self._budget, self._used = budget, 0
        self._entries: OrderedDict[Hashable, bytes] = OrderedDict()

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    def get(self, key):
        """The value, or None; makes it the most recently used."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def put(self, key, value) -> None:
        """Store or replace, then drop what was used longest ago until the budget holds."""
        old = self._entries.pop(key, None)
        if old is not None:
            self._used -= len(old)
        if len(value) > self._budget:
            return
        self._entries[key] = value
        self._used += len(value)
        while self._used > self._budget:
            _, dropped = self._entries.popitem(last=False)
            self._used -= len(dropped)

    def keys(self) -> list:
        """Keys, least recently used first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._used = 0
