"""The HTTP side of the viewer: an ASGI application over a `Library`. Paths and answers are stated in `docs/atlas.md`.

Clients are not trusted: numbers are capped, ids are looked up and never become paths, other hosts' names are refused
(DNS rebinding), nothing is written.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixel_llm.atlas.pyramid import Pyramid
from pixel_llm.errors import NotFoundError, PixelLLMError
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.tile_cache import BUDGET, Key, TileCache

PAGE: Final = Path(__file__).parent / "page"
HOSTS: Final = ["127.0.0.1", "localhost", "[::1]"]
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_LARGEST: Final = 1 << 40
_DIGITS: Final = 13
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def make_app(library: Library, *, page: Path = PAGE, hosts: list[str] | None = None) -> ASGIApp:
    """The application. It does not close the library. `hosts` are the names that a request may be addressed to."""
    return _App(library, page).asgi(hosts or HOSTS)


class _App:
    def __init__(self, library: Library, page: Path) -> None:
        self.library, self.page = library, page
        self.cache = TileCache()
        # Comparisons may read both models whole: in threads of their own, so that nobody's plain tiles wait for them.
        self.comparisons = TileCache(budget=BUDGET // 4)
        self._packed: dict[str, bytes] = {}  # JSON answers, as zlib streams

    def asgi(self, hosts: list[str]) -> ASGIApp:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            try:
                yield
            finally:
                self.cache.close()
                self.comparisons.close()

        routes: list[Route | Mount] = [
            Route("/api/plane.json", self.plane),
            Route("/api/models/{id}/layout.json", self.layout),
            Route("/api/models/{id}/weight", self.weight),
            Route("/api/models/{id}/tiles/{level}/{x}/{y}.bin", self.tile),
            Route("/api/compare/{a}/{b}/changes.json", self.changes),
            Route("/api/compare/{a}/{b}/tiles/{level}/{x}/{y}.bin", self.comparison_tile),
            Mount("/", StaticFiles(directory=self.page, html=True, check_dir=False)),
        ]
        handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
            HTTPException: _http_error,
            PixelLLMError: _own_error,
        }
        return Starlette(
            routes=routes,
            middleware=[Middleware(_Headers), Middleware(TrustedHostMiddleware, allowed_hosts=hosts)],
            exception_handlers=handlers,
            lifespan=lifespan,
        )

    async def plane(self, _: Request) -> Response:
        """Which models there are, and where."""
        return JSONResponse(self.library.plane_json(), headers={"cache-control": "no-store"})

    async def layout(self, request: Request) -> Response:
        """Every tensor of a model."""
        model = self.library.model(request.path_params["id"])
        return await self._json(request, self.cache, f"layout/{model.id}", model.layout_json)

    async def changes(self, request: Request) -> Response:
        """How much each tensor of two models differs."""
        a, b = request.path_params["a"], request.path_params["b"]
        self.library.comparison(a, b)
        make = partial(self.library.changes_json, a, b)
        return await self._json(request, self.comparisons, f"changes/{a}/{b}", make)

    async def weight(self, request: Request) -> Response:
        """One weight."""
        model = self.library.model(request.path_params["id"])
        x, y = (_integer(request.query_params.get(name), name) for name in ("x", "y"))
        found = model.weight(x, y)
        return Response(status_code=204) if found is None else JSONResponse(found)

    async def tile(self, request: Request) -> Response:
        """A tile of a model."""
        model = self.library.model(request.path_params["id"])
        return await self._tile(request, self.cache, model.id, model.pyramid)

    async def comparison_tile(self, request: Request) -> Response:
        """A tile of the difference of two models."""
        a, b = request.path_params["a"], request.path_params["b"]
        return await self._tile(request, self.comparisons, f"{a}/{b}", self.library.comparison(a, b))

    async def _tile(self, request: Request, cache: TileCache, of: str, pyramid: Pyramid) -> Response:
        level, x, y = (_integer(request.path_params[name], name, 404) for name in ("level", "x", "y"))
        if not pyramid.holds(level, x, y):
            raise HTTPException(404, "no such tile")
        tag = f'"{of}/{level}/{x}/{y}"'
        headers = {"etag": tag, "cache-control": _IMMUTABLE, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        key: Key = (of, level, x, y)
        data = await cache.get(key, lambda: pyramid.tile(level, x, y))
        if data is None:
            return Response(status_code=204, headers=headers)
        return _deflated(request, data, "application/octet-stream", headers)

    async def _json(self, request: Request, cache: TileCache, key: str, make: Callable[[], dict[str, Any]]) -> Response:
        """A JSON answer that is made once."""
        if key not in self._packed:
            self._packed[key] = await cache.run(lambda: zlib.compress(json.dumps(make()).encode(), 6))
        headers = {"cache-control": "no-cache", "vary": "accept-encoding"}
        return _deflated(request, self._packed[key], "application/json", headers)


def _deflated(request: Request, data: bytes, kind: str, headers: dict[str, str]) -> Response:
    """A zlib stream as it is where the client takes it, else what it inflates to."""
    if _accepts_deflate(request.headers.get("accept-encoding", "")):
        return Response(data, media_type=kind, headers={**headers, "content-encoding": "deflate"})
    return Response(zlib.decompress(data), media_type=kind, headers=headers)


def _accepts_deflate(header: str) -> bool:
    """RFC 9110, 12.5.3."""
    for item in header.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in ("deflate", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _integer(text: str | None, name: str, status: int = 400) -> int:
    if text is None or not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > _DIGITS + 1:
        raise HTTPException(status, f"{name} is not an integer")
    value = int(text)
    if abs(value) > _LARGEST:
        raise HTTPException(status, f"{name} is beyond 2^40")
    return value


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=dict(error.headers or {}))


async def _own_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, PixelLLMError)
    return JSONResponse({"error": error.message}, 404 if isinstance(error, NotFoundError) else 500)


class _Headers:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)
