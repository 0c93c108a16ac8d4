"""A least-recently-used cache with a budget in bytes."""
from collections import OrderedDict
from collections.abc import Hashable

class ByteCache:
    """Keeps values whose lengths together are at most `budget`."""

    def __init__(self, budget: int) -> None:
        raise NotImplementedError('to be written')

    @property
    def used(self) -> int:
        """Bytes held."""
        raise NotImplementedError('to be written')

    def get(self, key):
        """The value, or None; makes it the most recently used."""
        raise NotImplementedError('to be written')

    def put(self, key, value) -> None:
        """Store or replace, then drop what was used longest ago until the budget holds."""
        raise NotImplementedError('to be written')

    def keys(self) -> list:
        """Keys, least recently used first."""
        raise NotImplementedError('to be written')

    def clear(self) -> None:
        """Forget everything."""
        raise NotImplementedError('to be written')
