"""A PostgreSQL server of the tests' own: made, started and removed by them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_USER = "postgres"  # Debian's package makes this user; the server refuses to run as root


class Server:
    """A server in a temporary folder, on a free port of 127.0.0.1, that keeps nothing durable and trusts everybody."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pixel-llm-pg-", dir="/tmp"))
        self._as = {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(self._folder, _USER, _USER)
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "coach", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        options = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
        options += ["-c", "shared_buffers=16MB", "-c", "max_connections=100"]
        dies_with_us = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                *dies_with_us,
                program("postgres"),
                "-D",
                data,
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-k",
                self._folder,
                *options,
            ],
            stdout=self._log,
            stderr=self._log,
            cwd=self._folder,
            start_new_session=True,
            **self._as,
        )
        self._wait()

    def database(self) -> str:
        """The URL of the database, emptied; who is still connected to it is thrown out."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.execute(f"{others} AND backend_type = 'client backend'")
            connection.execute("DROP SCHEMA IF EXISTS public, dbos CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self._url("postgres")

    def close(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # at once: there is nothing to keep
        self._process.wait(60)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql://coach@127.0.0.1:{self.port}/{name}"

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    text = (self._folder / "log").read_text(errors="replace")
                    self.close()
                    raise RuntimeError(f"PostgreSQL did not start:\n{text}") from None
                time.sleep(0.05)

    def _run(self, name: str, *arguments: object) -> None:
        command = [program(name), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._as)


def program(name: str) -> str | None:
    """The path of one of the server's programs, which Debian keeps out of PATH; None where there is none."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    return str(versions[-1]) if versions else shutil.which(name)
