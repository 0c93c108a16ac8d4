"""Tasks in an order that their dependencies allow."""
import heapq

class CycleError(ValueError):
    """Tasks depend on each other in a circle."""

def in_order(tasks: dict[str, tuple[int, list[str]]]) -> list[str]:
    """Every id after all that it depends on; of those that could be next, high priority first, then by id."""
    raise NotImplementedError('to be written')

def _cycle(tasks: dict[str, tuple[int, list[str]]], stuck: set[str]) -> str:
    """One cycle among tasks each of which waits for another of them."""
    raise NotImplementedError('to be written')
