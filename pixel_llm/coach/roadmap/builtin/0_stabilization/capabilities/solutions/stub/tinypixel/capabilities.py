"""Which agents can run here, and what to do about those that cannot."""
from collections.abc import Callable, Mapping
from typing import NamedTuple

class Availability(NamedTuple):
    """Whether an agent can run; if not, why not and what helps."""
    name: str
    ok: bool
    why_not: str
    remedy: str

def probe(name: str, *, command: str | None=None, variable: str | None=None, url: str | None=None, environ: Mapping[str, str], which: Callable[[str], str | None], reachable: Callable[[str], str | None]) -> Availability:
    """Check what is given; the first thing that is missing decides."""
    raise NotImplementedError('to be written')

def summary(found: list[Availability]) -> str:
    """A line an agent."""
    raise NotImplementedError('to be written')
