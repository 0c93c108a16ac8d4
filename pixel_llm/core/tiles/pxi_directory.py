"""Which runs a PxiStore's file has, as one directory, and how its attributes state it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NoReturn

from pixel_llm.core.pxi import PxiFile
from pixel_llm.core.tiles.morton import Codes
from pixel_llm.core.tiles.pxi_runs import REMOVED, Entry, Run, RunInfo, Segment, live_keys
from pixel_llm.core.tiles.settings import MapSettings, sample_type
from pixel_llm.errors import InvalidArgumentError, MapFormatError

ATTRIBUTE = "infinite_map"
_VERSION = 1
_KEYS = {"version": int, "sample": str, "channels": int, "fill": str, "tile_size": int, "runs": list}


class Directory:
    """The runs of one generation, oldest first."""

    def __init__(self, file: PxiFile, settings: MapSettings, runs: Sequence[Run]) -> None:
        self.file = file
        self.settings = settings
        self.runs = runs

    def find(self, key: int) -> Entry | None:
        for run in reversed(self.runs):
            entry = run.find(key)
            if entry is not None:
                return None if entry.codec == REMOVED else entry
        return None

    @cached_property
    def keys(self) -> Codes:
        """Of the tiles that are stored, ascending."""
        return live_keys(self.runs)


def dump(settings: MapSettings, runs: Sequence[RunInfo]) -> dict[str, Any]:
    """The attribute's value."""
    return {
        "version": _VERSION,
        "sample": str(settings.sample),
        "channels": settings.channels,
        "fill": settings.fill.hex(),
        "tile_size": settings.tile_size,
        "runs": [[run.number, run.length, run.removed, [list(segment) for segment in run.segments]] for run in runs],
    }


def load(file: PxiFile) -> Directory:
    """The directory of an open file; MapFormatError where the file is another one or breaks a rule."""

    def fail(message: str) -> NoReturn:
        raise MapFormatError(message, file=file.path, part=ATTRIBUTE)

    record = file.attributes.get(ATTRIBUTE)
    if not isinstance(record, dict):
        raise MapFormatError("the file holds no InfiniteMap", file=file.path)
    if record.get("version") != _VERSION:
        fail(f"it has version {record.get('version')}, this program reads {_VERSION}")
    if {key: type(value) for key, value in record.items()} != _KEYS:
        fail("its fields are malformed")
    try:
        fill = bytes.fromhex(record["fill"])
        settings = MapSettings(sample_type(record["sample"]), record["channels"], fill, record["tile_size"])
    except (InvalidArgumentError, ValueError) as error:
        fail(f"its settings are out of range: {error}")
    runs: list[Run] = []
    for one in record["runs"]:
        if not isinstance(one, list) or [type(value) for value in one] != [int, int, int, list]:
            fail("a run is malformed")
        number, length, removed, segments = one
        if not 0 <= removed <= length or length == 0 or any(number <= run.info.number for run in runs):
            fail("a run is out of range")
        if any(not isinstance(pair, list) or [type(v) for v in pair] != [int, int] for pair in segments):
            fail("a segment is malformed")
        runs.append(Run(file, RunInfo(number, length, removed, tuple(Segment(*pair) for pair in segments))))
    return Directory(file, settings, runs)
