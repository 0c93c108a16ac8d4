"""A server that answers each call with the next of its scripted answers, and counts the calls."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """A whole answer. Token counts of None are those of a tokenizer that takes a word for a token."""

    text: str
    finish: str = "stop"
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    usage: bool = True


@dataclass(frozen=True)
class Fault:
    """An HTTP error with the service's own form of body."""

    status: int
    message: str = "something is wrong"
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True)
class Cut:
    """An answer of which the connection breaks after `text`."""

    text: str


@dataclass(frozen=True)
class Garbage:
    """Status 200, and bytes that are no answer."""

    data: bytes = b'{"this is": not JSON\n\n'


@dataclass(frozen=True)
class Silence:
    """No answer for so many seconds."""

    seconds: float


Answer = Reply | Fault | Cut | Garbage | Silence
Script = Sequence[Answer] | Callable[[dict[str, Any]], Answer]
FINE: Script = (Reply("fine"),)


@dataclass(frozen=True)
class Call:
    """One request for an answer."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of what is tested."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class ScriptedServer:
    """Listens on a free port of 127.0.0.1 from the start of a `with` block to its end.

    `script` is a sequence of answers, the last of which goes on for ever, or a function of the request's body. `calls`
    holds the requests for answers, in order.
    """

    def __init__(self, script: Script = FINE) -> None:
        self.calls: list[Call] = []
        self.script = script
        self._lock = threading.Lock()
        self._stop = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.get(self)

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                server.post(self, json.loads(self.rfile.read(size) or b"{}"))

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the terminal."""

        self._http = _Server(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._http.shutdown()
        self._http.server_close()

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a GET."""
        send_json(handler, 404, {"error": "not found"})

    def post(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Answer a POST."""
        self.answer(handler, body)

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Take note of the call and give the next answer."""
        with self._lock:
            self.calls.append(Call(handler.path, dict(handler.headers), body))
            if callable(self.script):
                answer = self.script(body)
            else:
                answer = self.script[min(len(self.calls), len(self.script)) - 1]
        match answer:
            case Fault():
                send_json(handler, answer.status, self.fault(answer), answer.headers)
            case Garbage():
                handler.send_response(200)
                handler.send_header("Content-Type", self.content_type(body))
                handler.send_header("Content-Length", str(len(answer.data)))
                handler.end_headers()
                handler.wfile.write(answer.data)
            case Silence():
                self._stop.wait(answer.seconds)
                drop(handler)
            case Cut():
                self.send(handler, body, self.pieces(body, Reply(answer.text)), whole=False)
            case Reply():
                self.send(handler, body, self.pieces(body, answer), whole=True)

    def send(
        self, handler: BaseHTTPRequestHandler, body: dict[str, Any], pieces: Iterator[bytes], *, whole: bool
    ) -> None:
        """Send the pieces in chunks; if not `whole`, without the last of them, and break the connection."""
        handler.send_response(200)
        handler.send_header("Content-Type", self.content_type(body))
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        every = list(pieces)
        for piece in every if whole else every[: self.cut_at(body, every)]:
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if whole:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.wfile.flush()
            drop(handler)

    def cut_at(self, body: dict[str, Any], pieces: list[bytes]) -> int:
        """How many pieces are sent of an answer that breaks off."""
        return len(pieces) - 1

    def content_type(self, body: dict[str, Any]) -> str:
        """Of a good answer."""
        return "application/json"

    def fault(self, fault: Fault) -> Any:
        """The body of an error."""
        raise NotImplementedError

    def pieces(self, body: dict[str, Any], reply: Reply) -> Iterator[bytes]:
        """The body of a good answer, in the pieces that it is sent in."""
        raise NotImplementedError


def send_json(
    handler: BaseHTTPRequestHandler, status: int, data: Any, headers: Mapping[str, str] | None = None
) -> None:
    """Send a JSON body."""
    text = json.dumps(data).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(text)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(text)


def drop(handler: BaseHTTPRequestHandler) -> None:
    """Break the connection."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def words(text: str) -> list[str]:
    """The text in the pieces that a model would send: words with the space before them."""
    first, *rest = text.split(" ")
    return [first, *(f" {word}" for word in rest)]


def count(messages: Sequence[Mapping[str, Any]]) -> int:
    """Tokens of a conversation: one for four characters."""
    return sum(len(str(m["content"])) // 4 for m in messages)
