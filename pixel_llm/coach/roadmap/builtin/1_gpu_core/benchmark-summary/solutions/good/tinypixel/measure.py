"""The arithmetic of a benchmark: programs in turn, medians, ratios, and the limit of the machine."""

import statistics
from collections.abc import Callable


def alternate(
    first: Callable[[], object], second: Callable[[], object], rounds: int, clock: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Seconds of each call, the two in turn, who goes first changing."""
    if rounds < 1:
        raise ValueError(f"{rounds} rounds")
    first()
    second()
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            function = (first, second)[which]
            start = clock()
            function()
            times[which].append(clock() - start)
    return times


def ratio(first: list[float], second: list[float]) -> dict[str, float]:
    """Medians and the spread of second / first."""
    if not first or len(first) != len(second) or not all(x > 0 for x in [*first, *second]):
        raise ValueError("expected as many times of one as of the other, all above 0")
    quotients = [b / a for a, b in zip(first, second, strict=True)]
    return {
        "median_first": statistics.median(first),
        "median_second": statistics.median(second),
        "ratio": statistics.median(quotients),
        "low": min(quotients),
        "high": max(quotients),
    }


def roofline(bytes_moved: int, operations: int, seconds: float, bandwidth: float, peak: float) -> tuple[str, float]:
    """What limits a kernel, and the share of that limit that it reaches (Williams et al. 2009)."""
    if not (seconds > 0 and bandwidth > 0 and peak > 0) or bytes_moved < 0 or operations < 0:
        raise ValueError("times and speeds must be above 0, counts must not be negative")
    memory, compute = bytes_moved / bandwidth, operations / peak
    return ("memory", memory / seconds) if memory >= compute else ("compute", compute / seconds)
