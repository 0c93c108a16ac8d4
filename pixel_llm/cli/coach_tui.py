"""`pixel-llm coach tui`: the dashboard."""

from __future__ import annotations

import sys

from pixel_llm.cli.coach_options import HERE, ConfigOption, DatabaseOption, ProjectOption


def tui(
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Watch phases, queue and the attempts under way; pause, retry, accept, cancel, hand to a human.

    It is a window on the queue: workers run in other terminals, and go on when it is closed.
    """
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import clean
    from pixel_llm.coach.tui import Dashboard
    from pixel_llm.errors import UnsupportedError

    if not sys.stdout.isatty():
        raise UnsupportedError("the dashboard needs a terminal", remedy="pixel-llm coach status --json")
    context = open_context(project, config, database)
    with context.queue() as queue:
        Dashboard(queue, context.logs, clean).run()


COMMANDS = (("tui", tui, "Example: pixel-llm coach tui"),)
