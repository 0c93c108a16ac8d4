"""`pixel-llm doctor`: what this machine offers."""

from __future__ import annotations

from typing import Any

import typer

from pixel_llm.cli.options import JsonOption

EXAMPLE = "Example: pixel-llm doctor"


def command(as_json: JsonOption = False) -> None:
    """Show what this machine offers to Pixel-LLM: processor, memory, backends, libraries, cache folder.

    Exits 5 when no backend can run here.
    """
    from pixel_llm.cli import machine
    from pixel_llm.cli.output import console, emit_json, facts, human_bytes

    report: dict[str, Any] = {
        "system": machine.system(),
        "cpu": machine.cpu(),
        "memory": machine.memory(),
        "backends": machine.backends(),
        "libraries": machine.libraries(),
        "cache": machine.cache(),
    }
    usable = any(b["available"] for b in report["backends"].values())
    if as_json:
        emit_json(report)
    else:
        system, cpu, memory, cache = (report[key] for key in ("system", "cpu", "memory", "cache"))
        speed = f", read at about {memory['read_gb_s']} GB/s" if memory["read_gb_s"] else ""
        rows = [
            ("Pixel-LLM", system["pixel_llm"]),
            ("Python", f"{system['python']}  {system['executable']}"),
            ("System", f"{system['os']} {cpu['architecture']}"),
            ("Processor", f"{cpu['name']}: {cpu['cores'] or '?'} cores, {cpu['usable_threads']} threads usable"),
            ("Features", " ".join(cpu["features"]) or "none of those that kernels look for"),
            ("Memory", f"{human_bytes(memory['total'])}, {human_bytes(memory['available'])} available{speed}"),
        ]
        rows += [
            (f"Backend {name}", "available" if state["available"] else f"not available: {state['why_not']}")
            for name, state in report["backends"].items()
        ]
        rows += [
            ("Libraries", ", ".join(f"{name} {version or 'MISSING'}" for name, version in report["libraries"].items())),
            ("Cache", f"{cache['folder']}{'' if cache['writable'] else ' (NOT WRITABLE)'}"),
            ("", f"{human_bytes(cache['used'])} used, {human_bytes(cache['disk_free'])} free on its disk"),
            ("Models", ", ".join(cache["models"]) or "none pulled; try `pixel-llm pull smollm2-135m`"),
        ]
        console().print(facts(rows))
    if not usable:
        raise typer.Exit(5)
