"""Which agents can run here, and what to do about those that cannot."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Availability(NamedTuple):
    """Whether an agent can run; if not, why not and what helps."""

    name: str
    ok: bool
    why_not: str
    remedy: str


def probe(
    name: str,
    *,
    command: str | None = None,
    variable: str | None = None,
    url: str | None = None,
    environ: Mapping[str, str],
    which: Callable[[str], str | None],
    reachable: Callable[[str], str | None],
) -> Availability:
    """Check what is given; the first thing that is missing decides."""
    if command is not None and which(command) is None:
        return Availability(name, False, f"{command} is not installed", f"install {command} and put it on PATH")
    if variable is not None and not environ.get(variable, "").strip():
        return Availability(name, False, f"{variable} is not set", f"export {variable}=...")
    if url is not None:
        try:
            problem = reachable(url)
        except OSError as error:
            problem = str(error)
        if problem is not None:
            return Availability(name, False, f"{url}: {problem}", "start the server or change the address")
    return Availability(name, True, "", "")


def summary(found: list[Availability]) -> str:
    """A line an agent."""
    lines = []
    for one in found:
        if one.ok:
            lines.append(f"{one.name}: available")
        else:
            lines.append(f"{one.name}: {one.why_not}" + (f"; {one.remedy}" if one.remedy else ""))
    if not any(one.ok for one in found):
        lines.append("No agent is available.")
    return "\n".join(lines)
