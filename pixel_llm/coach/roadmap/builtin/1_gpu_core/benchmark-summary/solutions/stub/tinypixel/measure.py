"""The arithmetic of a benchmark: programs in turn, medians, ratios, and the limit of the machine."""
import statistics
from collections.abc import Callable

def alternate(first: Callable[[], object], second: Callable[[], object], rounds: int, clock: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Seconds of each call, the two in turn, who goes first changing."""
    raise NotImplementedError('to be written')

def ratio(first: list[float], second: list[float]) -> dict[str, float]:
    """Medians and the spread of second / first."""
    raise NotImplementedError('to be written')

def roofline(bytes_moved: int, operations: int, seconds: float, bandwidth: float, peak: float) -> tuple[str, float]:
    """What limits a kernel, and the share of that limit that it reaches (Williams et al. 2009)."""
    raise NotImplementedError('to be written')
