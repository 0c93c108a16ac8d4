"""What the pixels cost: PixelFS against a plain file with a SHA-256 beside it, in the same run, on the same bytes.

    python3 benchmarks/pixelfs.py [--mib 256] [--rounds 5] [--folder DIR]

Each round does every operation once, in an order that changes from round to round; the table gives medians. Both sides
write through a temporary file, fsync and rename, and both read with the file in the system's cache. "plain + sha256" is
the peer: hashlib.sha256 over the same bytes, in one thread, as `sha256sum` does it. "plain" has no proof at all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pixel_llm.core.pixelfs import PixelFS

CHUNK = 1 << 20


def write_plain(file: Path, data: bytes) -> None:
    temporary = file.with_suffix(".tmp")
    with temporary.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def sha256_of(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def operations(folder: Path, data: bytes) -> dict[tuple[str, str], Callable[[], object]]:
    """(operation, contender) -> one timed call."""
    store = PixelFS(folder / "store")
    plain = folder / "plain.bin"
    digest = hashlib.sha256(data).hexdigest()

    def write_with_hash() -> None:
        write_plain(plain, data)
        assert hashlib.sha256(data).hexdigest() == digest

    def read_with_hash() -> None:
        found = plain.read_bytes()
        assert hashlib.sha256(found).hexdigest() == digest

    def verify_pixelfs() -> None:
        assert store.verify("data").ok

    def verify_plain() -> None:
        assert sha256_of(plain) == digest

    def stream_pixelfs() -> None:
        with store.open_read("data") as source:
            while source.read(CHUNK):
                pass

    def stream_with_hash() -> None:
        hasher = hashlib.sha256()
        with plain.open("rb") as source:
            while chunk := source.read(CHUNK):
                hasher.update(chunk)
        assert hasher.hexdigest() == digest

    def stream_plain() -> None:
        with plain.open("rb") as source:
            while source.read(CHUNK):
                pass

    return {
        ("write", "PixelFS"): lambda: store.write("data", data),
        ("write", "plain + sha256"): write_with_hash,
        ("write", "plain"): lambda: write_plain(plain, data),
        ("read", "PixelFS"): lambda: store.read("data"),
        ("read", "plain + sha256"): read_with_hash,
        ("read", "plain"): plain.read_bytes,
        ("stream", "PixelFS"): stream_pixelfs,
        ("stream", "plain + sha256"): stream_with_hash,
        ("stream", "plain"): stream_plain,
        ("verify", "PixelFS"): verify_pixelfs,
        ("verify", "plain + sha256"): verify_plain,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=256, help="size of the data in MiB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to write (default: the system's temporary folder)")
    options = parser.parse_args()
    data = b"".join(random.Random(i).randbytes(1 << 20) for i in range(options.mib))
    times: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        calls = operations(Path(folder), data)
        for call in calls.values():  # warm: files exist, caches are filled
            call()
        names = list(calls)
        for turn in range(options.rounds):
            random.Random(turn).shuffle(names)
            for name in names:
                start = time.perf_counter()
                calls[name]()
                times.setdefault(name, []).append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{options.mib} MiB, {options.rounds} rounds, {os.cpu_count()} cores, medians")
    print(f"{'operation':<10}{'contender':<18}{'seconds':>9}{'MiB/s':>9}{'PixelFS / it':>14}{'spread':>16}")
    rows = []
    for operation, contender in calls:
        seconds = medians[operation, contender]
        ratio = medians[operation, "PixelFS"] / seconds
        values = times[operation, contender]
        low, high = min(values), max(values)
        print(
            f"{operation:<10}{contender:<18}{seconds:>9.3f}{options.mib / seconds:>9.0f}{ratio:>14.2f}"
            f"{f'{low:.3f}..{high:.3f}':>16}"
        )
        rows.append({"operation": operation, "contender": contender, "seconds": seconds, "ratio": ratio, "all": values})
    print(json.dumps({"benchmark": "pixelfs", "mib": options.mib, "rounds": options.rounds, "rows": rows}))


if __name__ == "__main__":
    main()
