"""Tables for a terminal."""
from collections.abc import Set

def table(headings: list[str], rows: list[list[str]], width: int=80, right: Set[int]=frozenset()) -> str:
    """Columns side by side, cut with an ellipsis where they do not fit."""
    raise NotImplementedError('to be written')

def phases(tasks: list[dict[str, str]]) -> str:
    """How far each phase has come."""
    raise NotImplementedError('to be written')

def _clean(cell: str) -> str:
    raise NotImplementedError('to be written')

def _fit(cell: str, width: int, right: bool) -> str:
    raise NotImplementedError('to be written')
