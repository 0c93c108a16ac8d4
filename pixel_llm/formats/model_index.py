"""The model index: the JSON object that a container's `attributes["model"]` holds, parsed strictly.

`specs/pxi_llm_format.md` states every field. Nothing here trusts the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pixel_llm.core.pxi import Page
from pixel_llm.errors import PxiFormatError, UnsupportedError
from pixel_llm.formats.encodings import ENCODINGS, Encoding, plane_specs

FORMAT_VERSION = 1
MAX_TENSORS = 65_536
MAX_RESOURCES = 256
MAX_DIMENSION = 1 << 31
MAX_RESOURCE_BYTES = 1 << 28  # 256 MiB once inflated: ten times the largest tokenizer in use
MAX_NAME = 200
RESOURCE_PREFIX = "resource/"
COMPRESSIONS = ("none", "deflate")

_TENSOR_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*\Z")
_RESOURCE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)?\Z")


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor of the index: `pages` are the names of its planes, in the order of `plane_specs`."""

    name: str
    shape: tuple[int, ...]
    encoding: Encoding
    pages: tuple[str, ...]
    source_name: str
    source_dtype: str
    lossless: bool
    max_error: float


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """Bytes kept beside the tensors. `length` counts them as they are before compression."""

    name: str
    page: str
    compression: str
    length: int


@dataclass(frozen=True, slots=True)
class ModelIndex:
    """The parsed index; names are unique, and each plane is a page of its own with the right geometry."""

    spec: dict[str, Any]
    tokenizer: dict[str, Any]
    source: dict[str, Any]
    licence: str | None
    tensors: dict[str, TensorEntry]
    resources: dict[str, ResourceEntry]


def page_name(tensor: str, suffix: str) -> str:
    """The page of a tensor's plane: "NAME" where the suffix is empty, else "NAME/SUFFIX"."""
    return f"{tensor}/{suffix}" if suffix else tensor


def tensor_name_ok(name: object) -> bool:
    """Whether `name` may name a tensor: ASCII letters, digits, `_`, `.`, `-`, at most 200."""
    return isinstance(name, str) and len(name) <= MAX_NAME and bool(_TENSOR_NAME.match(name))


def resource_name_ok(name: object) -> bool:
    """Whether `name` may name a resource: as for tensors, with at most one inner slash."""
    return isinstance(name, str) and len(name) <= MAX_NAME and bool(_RESOURCE_NAME.match(name))


class IndexParser:
    """Checks one index against the pages of its container. `file` only serves the messages."""

    def __init__(self, file: object, pages: Mapping[str, Page]) -> None:
        self.file = str(file)
        self.pages = pages
        self.used: set[str] = set()

    def fail(self, part: str, message: str, remedy: str | None = None) -> NoReturn:
        """Raise `PxiFormatError` for `part` of the index."""
        raise PxiFormatError(message, file=self.file, part=f"model index: {part}", remedy=remedy)

    def parse(self, value: object) -> ModelIndex:
        """The index that `value` (decoded JSON) states. `PxiFormatError`, or `UnsupportedError` for a newer version."""
        top = self.json_object(value, "top level")
        version = top.get("format")
        if type(version) is not int or version < 1:
            self.fail("format", f"{version!r} is not a format version")
        if version != FORMAT_VERSION:
            raise UnsupportedError(
                f"model format {version} is newer than {FORMAT_VERSION}", file=self.file, remedy="update Pixel-LLM"
            )
        fields = {"format", "spec", "tokenizer", "source", "licence", "tensors", "resources"}
        self.fields(top, fields, "top level")
        licence = top["licence"]
        if not (licence is None or (isinstance(licence, str) and len(licence) <= 4096)):
            self.fail("licence", "is neither null nor a short string")
        tensors: dict[str, TensorEntry] = {}
        for i, item in enumerate(self.json_array(top["tensors"], "tensors", MAX_TENSORS)):
            tensor = self.tensor(item, i)
            if tensor.name in tensors:
                self.fail(tensor.name, "two tensors have this name")
            tensors[tensor.name] = tensor
        if not tensors:
            self.fail("tensors", "is empty")
        resources: dict[str, ResourceEntry] = {}
        for i, item in enumerate(self.json_array(top["resources"], "resources", MAX_RESOURCES)):
            resource = self.resource(item, i)
            if resource.name in resources:
                self.fail(resource.name, "two resources have this name")
            resources[resource.name] = resource
        return ModelIndex(
            spec=self.json_object(top["spec"], "spec"),
            tokenizer=self.json_object(top["tokenizer"], "tokenizer"),
            source=self.json_object(top["source"], "source"),
            licence=licence,
            tensors=tensors,
            resources=resources,
        )

    def json_object(self, value: object, part: str) -> dict[str, Any]:
        """`value`, which must be a JSON object."""
        if not isinstance(value, dict):
            self.fail(part, "is not a JSON object")
        return value

    def json_array(self, value: object, part: str, most: int) -> list[Any]:
        """`value`, which must be a JSON array of at most `most` items."""
        if not isinstance(value, list):
            self.fail(part, "is not a JSON array")
        if len(value) > most:
            self.fail(part, f"{len(value)} entries exceed the cap of {most}")
        return value

    def fields(self, value: Mapping[str, Any], names: set[str], part: str) -> None:
        """Require exactly the fields `names`."""
        if value.keys() != names:
            missing, unknown = sorted(names - value.keys()), sorted(str(k) for k in value.keys() - names)
            if missing:
                self.fail(part, f"field {missing[0]!r} is missing")
            self.fail(part, f"unknown field {unknown[0]!r}", "a newer Pixel-LLM may have written this file")

    def page(self, name: str, part: str) -> Page:
        """The container's page `name`, claimed for `part`; a page serves once."""
        page = self.pages.get(name)
        if page is None:
            self.fail(part, f"page {name!r} is missing")
        if name in self.used:
            self.fail(part, f"page {name!r} is used twice")
        self.used.add(name)
        return page

    def tensor(self, value: object, i: int) -> TensorEntry:
        """Entry `i` of "tensors", its planes checked against the pages."""
        item = self.json_object(value, f"tensors[{i}]")
        self.fields(item, _TENSOR_FIELDS, f"tensors[{i}]")
        name, shape = item["name"], item["shape"]
        if not tensor_name_ok(name):
            self.fail(f"tensors[{i}]", f"{name!r:.80} cannot name a tensor")
        if not (
            isinstance(shape, list)
            and len(shape) in (1, 2)
            and all(type(n) is int and 1 <= n <= MAX_DIMENSION for n in shape)
        ):
            self.fail(name, f"shape {shape!r:.80} is not one or two positive sizes")
        encoding = ENCODINGS.get(item["encoding"]) if isinstance(item["encoding"], str) else None
        if encoding is None:
            self.fail(
                name, f"unknown encoding {item['encoding']!r:.80}", "a newer Pixel-LLM may have written this file"
            )
        if encoding.group and shape[-1] % encoding.group:
            self.fail(name, f"{shape[-1]} columns are not whole groups of {encoding.group}")
        for field in ("source_name", "source_dtype"):
            if not (isinstance(item[field], str) and len(item[field]) <= 1024):
                self.fail(name, f"{field} is not a short string")
        error = item["max_error"]
        if type(error) not in (int, float) or not (math.isfinite(error) and error >= 0):
            self.fail(name, f"max_error {error!r:.80} is not a number of at least 0")
        if type(item["lossless"]) is not bool or (item["lossless"] and error != 0):
            self.fail(name, "lossless is not a boolean that agrees with max_error")
        pages = []
        for plane in plane_specs(encoding, tuple(shape)):
            page = self.page(page_name(name, plane.suffix), name)
            got = (page.sample, page.width, page.height, page.channels)
            want = (plane.sample, plane.width, plane.height, plane.channels)
            if page.kind != "plane" or got != want:
                self.fail(name, f"page {page.name!r} is {_geometry(*got)}; {encoding.name} needs {_geometry(*want)}")
            pages.append(page.name)
        return TensorEntry(
            name,
            tuple(shape),
            encoding,
            tuple(pages),
            item["source_name"],
            item["source_dtype"],
            item["lossless"],
            float(error),
        )

    def resource(self, value: object, i: int) -> ResourceEntry:
        """Entry `i` of "resources"."""
        item = self.json_object(value, f"resources[{i}]")
        self.fields(item, {"name", "length", "compression"}, f"resources[{i}]")
        name, length, compression = item["name"], item["length"], item["compression"]
        if not resource_name_ok(name):
            self.fail(f"resources[{i}]", f"{name!r:.80} cannot name a resource")
        page = self.page(RESOURCE_PREFIX + name, name)
        if page.kind != "bytes":
            self.fail(name, f"page {page.name!r} is a {page.kind} page, not bytes")
        if compression not in COMPRESSIONS:
            self.fail(name, f"unknown compression {compression!r:.80}")
        if type(length) is not int or not 0 <= length <= MAX_RESOURCE_BYTES:
            self.fail(name, f"length {length!r:.80} is not within 0 … {MAX_RESOURCE_BYTES}")
        if page.length > MAX_RESOURCE_BYTES:  # a sparse file can claim any size
            self.fail(name, f"page {page.name!r} has {page.length} bytes, more than {MAX_RESOURCE_BYTES}")
        if compression == "none" and length != page.length:
            self.fail(name, f"length {length} differs from the page's {page.length}")
        return ResourceEntry(name, page.name, compression, length)


_TENSOR_FIELDS = {"name", "shape", "encoding", "source_name", "source_dtype", "lossless", "max_error"}


def _geometry(sample: object, width: int, height: int, channels: int) -> str:
    return f"{sample}[{height}, {width}, {channels}]"
