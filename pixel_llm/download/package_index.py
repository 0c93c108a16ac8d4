"""Finding a wheel in a Python package index (simple repository API), the one that pip is set to where it is set."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from urllib.parse import urlsplit

import requests

from pixel_llm.download.transfer import ATTEMPTS, FIRST_WAIT, TIMEOUT, describe_failure, public_url
from pixel_llm.errors import DownloadError, NotFoundError


def configured_index() -> str | None:
    """The index URL of PIP_INDEX_URL or of pip's configuration files; None when neither names one."""
    from_environment = os.environ.get("PIP_INDEX_URL", "").strip()
    if from_environment:
        return from_environment
    try:
        # pip itself reads its files: their places and precedence differ by platform and release. `config get` of
        # older releases overlooks PIP_CONFIG_FILE; `config list` does not.
        answer = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        return None
    found = re.search(r"^global\.index-url=(['\"])(.+)\1$", answer.stdout, re.MULTILINE)
    return found.group(2).strip() if found else None


def find_wheel(
    session: requests.Session,
    project: str,
    version: str,
    *,
    sha256: str,
    index: str | None = None,
    attempts: int = ATTEMPTS,
    first_wait: float = FIRST_WAIT,
) -> tuple[str, int | None]:
    """URL and size in bytes (None when the index does not say) of the wheel of `project` `version`.

    `index` is the URL of a simple repository; None takes `configured_index()`, else the public index that the
    pypi-simple library names. Raises `NotFoundError` when the index lacks project or version, `DownloadError` when it
    cannot be reached or lists the wheel with another hash than `sha256`.
    """
    from pypi_simple import NoSuchProjectError, PyPISimple
    from pypi_simple.errors import UnsupportedContentTypeError, UnsupportedRepoVersionError

    index = index or configured_index()
    if index is not None and urlsplit(index).scheme not in ("http", "https"):
        raise DownloadError(
            f"pip is set to the index {public_url(index)}, which is not http(s)",
            remedy="set PIP_INDEX_URL for this command",
        )
    client = PyPISimple(index, session=session) if index else PyPISimple(session=session)
    shown = public_url(client.get_project_url(project))
    for attempt in range(1, attempts + 1):
        try:
            page = client.get_project_page(project, timeout=TIMEOUT)
            break
        except NoSuchProjectError as error:
            raise NotFoundError(f"the package index has no project {project!r}", file=shown) from error
        except (UnsupportedContentTypeError, UnsupportedRepoVersionError) as error:
            raise DownloadError(
                "the answer is not a page of a package index", file=shown, remedy="check PIP_INDEX_URL"
            ) from error
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else 0
            cause = f"the package index answered {status}" if status else describe_failure(error)
            final = isinstance(error, requests.exceptions.SSLError) or 400 <= status < 500
            if final or attempt == attempts:
                raise DownloadError(
                    cause, file=shown, remedy="check the network, or set PIP_INDEX_URL to a mirror"
                ) from error
            time.sleep(first_wait * 2 ** (attempt - 1))
    for package in page.packages:
        if package.package_type == "wheel" and package.version == version:
            listed = package.digests.get("sha256", sha256)
            if listed != sha256:
                raise DownloadError(
                    f"lists {package.filename} with SHA-256 {listed}, expected {sha256}",
                    file=shown,
                    remedy="this index serves another file under that name; use another index",
                )
            return package.url, package.size
    raise NotFoundError(f"the package index has no wheel of {project} {version}", file=shown)
