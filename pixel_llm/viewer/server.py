"""Running the viewer's application with uvicorn, on this machine alone."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn

from pixel_llm.errors import InvalidArgumentError, StorageError
from pixel_llm.viewer.app import HOSTS, make_app
from pixel_llm.viewer.library import Library

DEFAULT_PORT: Final = 8461
_TRIES: Final = 20
_GRACE: Final = 2  # seconds that open connections get when the server ends


def listen(port: int | None) -> socket.socket:
    """A listening socket on 127.0.0.1: on `port`, or where None on the first free one from `DEFAULT_PORT` on.

    0 takes any free port. Raises `InvalidArgumentError` and `StorageError` (the port is taken).
    """
    if port is not None and not 0 <= port <= 65535:
        raise InvalidArgumentError(f"{port} is not a port", part="port")
    ports = [port] if port is not None else [*range(DEFAULT_PORT, DEFAULT_PORT + _TRIES), 0]
    for number in ports:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", number))
            listening.listen(256)
        except OSError as error:
            listening.close()
            if number == ports[-1]:
                raise StorageError(
                    f"cannot listen on port {number}: {error.strerror}", remedy="choose another with --port"
                ) from error
            continue
        return listening
    raise AssertionError("unreachable")


def _server(library: Library, hosts: list[str]) -> uvicorn.Server:
    config = uvicorn.Config(
        make_app(library, hosts=hosts),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        ws="none",
    )
    return uvicorn.Server(config)


def serve(library: Library, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C; `ready` is called from another thread when the first request would be answered."""
    server = _server(library, HOSTS)
    watcher = threading.Thread(target=_when_started, args=(server, ready), daemon=True)
    watcher.start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def _when_started(server: uvicorn.Server, ready: Callable[[], None]) -> None:
    waited = threading.Event()
    while not server.started:
        if server.should_exit or waited.wait(0.01):
            return
    ready()


@contextlib.contextmanager
def running(library: Library, port: int = 0) -> Iterator[str]:
    """A server in a thread of its own, for tests and notebooks: yields its URL."""
    listening = listen(port)
    server = _server(library, HOSTS)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    started = threading.Event()
    try:
        while not server.started and thread.is_alive():
            started.wait(0.005)
        if not server.started:
            raise StorageError("the server did not start")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
