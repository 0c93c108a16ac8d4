"""One file over HTTP: streamed to `*.part`, resumed with a Range request, tried again, hashed, renamed into place."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests

from pixel_llm.errors import DownloadError, NotFoundError, StorageError

Progress = Callable[[int, int], None]  # (bytes so far, bytes in all; 0 when unknown)

ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds before the second attempt; doubled each time
TIMEOUT = (20.0, 60.0)  # seconds to connect, and between two reads
CHUNK = 1 << 14  # small, because what a broken connection leaves of a chunk is lost
_RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Retry(Exception):  # noqa: N818
    """This attempt failed in a way that another may not."""


def open_session() -> requests.Session:
    """A session that trusts the certificates the environment names.

    requests reads REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE by itself; PIP_CERT and SSL_CERT_FILE count after them.
    """
    from importlib.metadata import version

    session = requests.Session()
    session.headers["User-Agent"] = f"pixel-llm/{version('pixel-llm')}"
    if not (os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")):
        bundle = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
        if bundle:
            session.verify = bundle
    return session


def public_url(url: str) -> str:
    """`url` without user name, password, query and fragment: what may stand in a message."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.port:
        host += f":{parts.port}"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def describe_failure(error: Exception) -> str:
    """A transport error in a few words, without the URL (which may hold a password)."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not trusted (SSL_CERT_FILE or REQUESTS_CA_BUNDLE may name the right one)"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused the connection"
    if isinstance(error, requests.exceptions.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "the server cannot be reached"
    return "the connection broke off"


def fetch(
    session: requests.Session,
    url: str,
    target: Path,
    *,
    sha256: str,
    size: int | None = None,
    progress: Progress | None = None,
    attempts: int = ATTEMPTS,
    first_wait: float = FIRST_WAIT,
) -> None:
    """Download `url` to `target`. What an earlier call left in `target.part` is continued, not fetched again.

    Raises `DownloadError` when the server cannot be reached or sends other bytes than `sha256` says (the part is
    deleted then), `NotFoundError` when it has no such file, `StorageError` when the disk refuses.
    """
    part = target.with_name(target.name + ".part")
    attempt = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            digest = _attempt(session, url, part, size, progress)
            break
        except _Retry as error:
            # A line that breaks often and still brings something may go on; only attempts in vain are counted.
            attempt = 1 if part.exists() and part.stat().st_size > before else attempt + 1
            if attempt == attempts:
                raise DownloadError(
                    f"{error}, {attempts} times",
                    file=public_url(url),
                    remedy="what has arrived is kept; run the command again to continue",
                ) from error
            time.sleep(first_wait * 2 ** (attempt - 1))
        except OSError as error:
            if isinstance(error, requests.RequestException | DownloadError):
                raise
            raise StorageError(f"cannot write: {error.strerror or error}", file=part) from error
    if digest != sha256:
        part.unlink(missing_ok=True)
        raise DownloadError(
            f"SHA-256 is {digest}, expected {sha256}; what arrived has been deleted",
            file=public_url(url),
            remedy="the server or something between changed the file; check the index or mirror you use",
        )
    part.replace(target)


def _attempt(session: requests.Session, url: str, part: Path, size: int | None, progress: Progress | None) -> str:
    """One try: continue `part` until the body ends, and return its SHA-256."""
    have = part.stat().st_size if part.exists() else 0
    if size is not None and have > size:
        part.unlink()
        have = 0
    if size is not None and have == size:
        return _hash_of(part).hexdigest()
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if response.status_code == 416:  # the part is not a beginning of what the server has now
                part.unlink(missing_ok=True)
                raise _Retry("the server has nothing to continue with")
            _check_status(response, url)
            resumed = response.status_code == 206 and _range_start(response) == have
            if response.status_code == 206 and not resumed:
                part.unlink(missing_ok=True)
                raise _Retry("the server continued in the wrong place")
            have = have if resumed else 0
            length = response.headers.get("Content-Length", "")
            total = have + int(length) if length.isdigit() else (size or 0)
            digest = _hash_of(part) if resumed else hashlib.sha256()
            with part.open("ab" if resumed else "wb") as out:
                for chunk in response.iter_content(CHUNK):
                    out.write(chunk)
                    digest.update(chunk)
                    have += len(chunk)
                    if progress is not None:
                        progress(have, total)
                out.flush()
                os.fsync(out.fileno())
    except requests.exceptions.SSLError as error:
        raise DownloadError(describe_failure(error), file=public_url(url)) from error
    except requests.RequestException as error:
        raise _Retry(describe_failure(error)) from error
    if total and have < total:
        raise _Retry("the connection broke off")
    return digest.hexdigest()


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status in _RETRY_STATUS:
        raise _Retry(f"the server answered {status} {response.reason}")
    if status == 404:
        raise NotFoundError("the server has no such file (404)", file=public_url(url))
    if status not in (200, 206):
        raise DownloadError(f"the server answered {status} {response.reason}", file=public_url(url))


def _range_start(response: requests.Response) -> int:
    """First byte of a partial answer, from `Content-Range: bytes START-END/TOTAL`; -1 when it does not say."""
    value = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-", 1)[0]
    return int(value) if value.isdigit() else -1


def _hash_of(path: Path) -> hashlib._Hash:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256")
