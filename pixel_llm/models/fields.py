"""Fields: reading a checkpoint's metadata so strictly that nothing in it can be overlooked."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pixel_llm.errors import FormatError, UnsupportedError


class _Required:
    pass


REQUIRED: Final = _Required()


class Fields:
    """Typed access to `values`, remembering what was read; `finish` refuses what nobody understood.

    `prefix` is put before a field's name in messages ("llama." makes "llama.block_count"); `error` is the class raised
    for missing, ill-typed and contradictory fields. A field whose value is None counts as absent, as in transformers.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        error: type[FormatError],
        file: str | os.PathLike[str] | None = None,
        prefix: str = "",
    ) -> None:
        self.values = values
        self.file = file
        self.prefix = prefix
        self._error = error
        self._read: set[str] = set()

    def bad(self, name: str, message: str) -> FormatError:
        """The error to raise when field `name` is malformed or contradicts another."""
        return self._error(message, file=self.file, part=self.prefix + name)

    def unsupported(self, name: str, message: str) -> UnsupportedError:
        """The error to raise when field `name` asks for what Pixel-LLM does not do."""
        return UnsupportedError(message, file=self.file, part=self.prefix + name)

    def sub(self, name: str) -> Fields | None:
        """The object in field `name`, or None where it is absent."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.bad(name, f"{value!r} is not an object")
        return Fields(value, error=self._error, file=self.file, prefix=f"{self.prefix}{name}.")

    def has(self, name: str) -> bool:
        """Whether the field is there and not None."""
        return self.values.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it is, None where absent."""
        self._read.add(name)
        return self.values.get(name)

    def _get(self, name: str, default: Any) -> Any:
        value = self.raw(name)
        if value is not None:
            return value
        if default is REQUIRED:
            raise self.bad(name, "is missing")
        return default

    def integer(self, name: str, default: Any = REQUIRED, *, minimum: int = 1, maximum: int = 1 << 31) -> Any:
        """An integer from `minimum` to `maximum`; `default` is returned as it is."""
        value = self._get(name, default)
        if value is default and not isinstance(value, int):
            return value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or not minimum <= value <= maximum:
            raise self.bad(name, f"{_short(value)} is not an integer from {minimum} to {maximum}")
        return value

    def number(self, name: str, default: Any = REQUIRED, *, positive: bool = True) -> Any:
        """A finite number, above 0 if `positive`; `default` is returned as it is."""
        value = self._get(name, default)
        if value is default:
            return value
        ok = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not ok or (positive and value <= 0):
            raise self.bad(name, f"{value!r} is not a {'positive' if positive else 'finite'} number")
        return float(value)

    def flag(self, name: str, default: Any = REQUIRED) -> Any:
        """True or False; `default` is returned as it is."""
        value = self._get(name, default)
        if value is not default and not isinstance(value, bool):
            raise self.bad(name, f"{value!r} is neither true nor false")
        return value

    def text(self, name: str, default: Any = REQUIRED) -> Any:
        """Text; `default` is returned as it is."""
        value = self._get(name, default)
        if value is not default and not isinstance(value, str):
            raise self.bad(name, f"{value!r} is not text")
        return value

    def same(self, name: str, expected: object, why: str) -> None:
        """Field `name`, where it is there, must equal `expected`; anything else is unsupported, and says `why`."""
        value = self.raw(name)
        if value is not None and value != expected:
            raise self.unsupported(name, f"{value!r} is not supported: {why}")

    def finish(self, harmless: Iterable[str], what: str) -> None:
        """Every field must have been read, be one of `harmless` (does not change the mathematics), or be None."""
        known = self._read.union(harmless)
        for name, value in self.values.items():
            if name not in known and value is not None:
                raise self.unsupported(
                    name, f"is not understood, and could change what {what} computes: {_short(value)}"
                )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
