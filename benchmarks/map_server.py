"""The viewer's tile server under load: tiles a second with 64 connections, the slowest percent, the first view.

    python3 benchmarks/map_server.py MODEL.pxi [--tiles 400] [--connections 64] [--seconds 8] [--rounds 3]

The server runs in a process of its own, as `pixel-llm view` runs it, over the model and the atlas beside it (built if
it is not there). Random tiles of all levels are asked for once, which computes them, and then in random order from all
connections, with `Accept-Encoding: deflate` as browsers send it. The load comes from `wrk` (https://github.com/wg/wrk)
where it is installed, else from an asyncio client, which takes more of the processor than the server does. The peer is
the least that this stack can do: a bare ASGI application under the same uvicorn that answers the same bytes from a
dictionary.

"first view" is the time from the start of the command to the last byte of what the page loads first: itself,
plane.json, layout.json and the tiles of the level that fits a screen, over one connection each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SERVER = """
import sys, time
from pathlib import Path
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import listen, serve
listening = listen(0)
with Library([Path(sys.argv[1])]) as library:
    serve(library, listening, lambda: print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True))
"""

BARE = """
import json, socket, sys, uvicorn
bodies = {path: bytes.fromhex(body) for path, body in json.load(open(sys.argv[1])).items()}
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = bodies[scope["path"]]
    headers = [(b"content-encoding", b"deflate"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
listening = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none",
    lifespan="off"))
print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
server.run(sockets=[listening])
"""

LUA = """
local paths, i = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function() i = i %% #paths + 1; return wrk.format("GET", paths[i], {["Accept-Encoding"] = "deflate"}) end
done = function(summary, latency, requests)
  local e = summary.errors
  print(string.format("RESULT %%d %%d %%d %%d %%d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class Server:
    """A child process that prints its address."""

    def __init__(self, code: str, argument: Path) -> None:
        self.started = time.perf_counter()
        self.child = subprocess.Popen([sys.executable, "-c", code, str(argument)], stdout=subprocess.PIPE, text=True)
        assert self.child.stdout is not None
        self.url = self.child.stdout.readline().strip()
        if not self.url:
            raise SystemExit("the server did not start")

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(self.url + path, headers={"Accept-Encoding": "deflate"})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def seconds(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.child.terminate()
        self.child.wait()


def first_view(model: Path) -> tuple[float, list[tuple[str, float]]]:
    """Seconds to the first view, and when each part of it was there."""
    server = Server(SERVER, model)
    parts = [("the server answers", time.perf_counter() - server.started)]
    try:
        page = server.get("/").decode()
        for asset in re.findall(r'(?:src|href)="\.?/?(assets/[^"]+)"', page):
            server.get("/" + asset)
        parts.append(("page and scripts", time.perf_counter() - server.started))
        plane = json.loads(server.get("/api/plane.json"))
        shown = plane["models"][0]
        server.get(f"/api/models/{shown['id']}/layout.json")
        parts.append(("plane.json and layout.json", time.perf_counter() - server.started))
        for path in tile_paths(plane, level_that_fits(plane)):
            server.get(path)
        parts.append(("tiles of the first view", time.perf_counter() - server.started))
    finally:
        server.close()
    return parts[-1][1], parts


def level_that_fits(plane: dict[str, Any], width: int = 1600, height: int = 900) -> int:
    """The level whose pixels are nearest to the screen's when the whole model is in view."""
    shown = plane["models"][0]
    weights_a_pixel = max(shown["width"] / width, shown["height"] / height)
    return min(shown["max_level"], max(0, round(math.log2(weights_a_pixel))))


def tile_paths(plane: dict[str, Any], level: int) -> list[str]:
    """All tiles of a level of the first model."""
    shown = plane["models"][0]
    bounds, side = shown.get("bounds", shown), plane["tile"] << level
    columns = range(bounds["x"] // side, -(-(bounds["x"] + bounds["width"]) // side))
    rows = range(bounds["y"] // side, -(-(bounds["y"] + bounds["height"]) // side))
    return [f"/api/models/{shown['id']}/tiles/{level}/{x}/{y}.bin" for y in rows for x in columns]


def load_wrk(url: str, paths: list[str], connections: int, seconds: int, folder: Path) -> dict[str, float]:
    (folder / "paths").write_text("\n".join(paths) + "\n")
    (folder / "load.lua").write_text(LUA % (folder / "paths"))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(folder / "load.lua"), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", text)
    if found is None:
        raise SystemExit(text)
    count, micro, median, slow, errors = map(int, found.groups())
    return {"tiles/s": count / micro * 1e6, "p50 ms": median / 1e3, "p99 ms": slow / 1e3, "errors": errors}


def load_asyncio(url: str, paths: list[str], connections: int, seconds: int) -> dict[str, float]:
    host = urlsplit(url)
    times: list[float] = []
    errors = 0

    async def client(number: int, stop: float) -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        i = number * len(paths) // connections
        while time.perf_counter() < stop:
            start = time.perf_counter()
            i = (i + 1) % len(paths)
            writer.write(f"GET {paths[i]} HTTP/1.1\r\nHost: {host.netloc}\r\nAccept-Encoding: deflate\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            errors += not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204"))
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length is not None:
                await reader.readexactly(int(length[1]))
            times.append(time.perf_counter() - start)
        writer.close()

    async def all_clients() -> None:
        stop = time.perf_counter() + seconds
        await asyncio.gather(*(client(number, stop) for number in range(connections)))

    asyncio.run(all_clients())
    times.sort()
    at = {p: times[len(times) * p // 100] * 1e3 for p in (50, 99)}
    return {"tiles/s": len(times) / seconds, "p50 ms": at[50], "p99 ms": at[99], "errors": errors}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--tiles", type=int, default=400, help="how many different tiles are asked for")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    subprocess.run([sys.executable, "-m", "pixel_llm.cli", "map", "build", str(options.model)], check=True)
    results: dict[str, list[dict[str, float]]] = {}
    views = [first_view(options.model) for _ in range(options.rounds)]
    view, parts = sorted(views)[len(views) // 2]
    print(f"first view {view:.2f} s: " + ", ".join(f"{what} {seconds:.2f}" for what, seconds in parts))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(SERVER, options.model)
        bare: Server | None = None
        try:
            plane = json.loads(server.get("/api/plane.json"))
            rng = random.Random(0)
            levels = range(plane["models"][0]["max_level"] + 1)
            everything = [tile_paths(plane, level) for level in levels]
            chosen = [path for level in everything for path in rng.sample(level, min(len(level), options.tiles))]
            start = time.perf_counter()
            chosen = rng.sample(chosen, min(len(chosen), options.tiles))
            bodies = {path: server.get(path) for path in chosen}
            cold = len(bodies) / (time.perf_counter() - start)
            size = sum(map(len, bodies.values())) / len(bodies)
            print(f"{len(bodies)} tiles of {len(levels)} levels, {size:,.0f} bytes each on average")
            print(f"the first time, over one connection: {cold:,.0f} tiles/s")
            (folder / "bodies.json").write_text(json.dumps({path: body.hex() for path, body in bodies.items()}))
            bare = Server(BARE, folder / "bodies.json")
            how = "wrk" if shutil.which("wrk") else "asyncio"
            for _ in range(options.rounds):
                for who, target in (("pixel-llm view", server), ("bare ASGI, same bytes", bare)):
                    before = target.seconds()
                    if how == "wrk":
                        row = load_wrk(target.url, chosen, options.connections, options.seconds, folder)
                    else:
                        row = load_asyncio(target.url, chosen, options.connections, options.seconds)
                    row["server CPU us/tile"] = (target.seconds() - before) / options.seconds / row["tiles/s"] * 1e6
                    results.setdefault(who, []).append(row)
        finally:
            server.close()
            if bare is not None:
                bare.close()
    print(f"{options.connections} connections, {options.seconds} s a round, {how}; medians of {options.rounds} rounds")
    for who, rows in results.items():
        medians = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        print(f"{who:<24}" + "".join(f"{key} {value:>10,.1f}   " for key, value in medians.items()))
    print(json.dumps({"benchmark": "map_server", "load": how, "first view": view, "cold": cold, "rows": results}))


if __name__ == "__main__":
    main()
