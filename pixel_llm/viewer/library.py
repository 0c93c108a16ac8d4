"""The models that a viewer shows: where each lies on the plane, what can be compared, what the page is told of them."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from pixel_llm.atlas.atlas_file import VERSION, AtlasFile, atlas_path
from pixel_llm.atlas.build import current
from pixel_llm.atlas.compare import Differences, changes, comparable
from pixel_llm.atlas.layout import LAYOUT_VERSION, TILE, Layout
from pixel_llm.atlas.model_layout import layout_of
from pixel_llm.atlas.pyramid import Pyramid
from pixel_llm.atlas.statistics import STATISTICS
from pixel_llm.atlas.weights import ModelWeights
from pixel_llm.atlas.window import read_window
from pixel_llm.errors import InvalidArgumentError, NotFoundError, PixelLLMError
from pixel_llm.formats.model_file import ModelFile

MAX_MODELS: Final = 64
MAX_NAME: Final = 120
MAX_SNAPSHOTS: Final = 16
"""Earlier generations of a file that are offered for comparison, the newest of them."""


@dataclass(eq=False)
class ViewedModel:
    """One model on the plane. `hidden` ones are earlier generations, shown only in comparisons; `atlas` may be None."""

    id: str
    name: str
    file: ModelFile
    layout: Layout
    atlas: AtlasFile | None
    hidden: bool = False
    x: int = 0
    pyramid: Pyramid = field(init=False)

    def __post_init__(self) -> None:
        self.pyramid = Pyramid(ModelWeights(self.file), self.layout, self.atlas)

    def layout_json(self) -> dict[str, Any]:
        """`layout.json`: every tensor with encoding, planes in the file, regions and statistics, and the labels."""
        tensors = []
        for item in self.layout.to_json():
            tensor = self.file.tensors[item["name"]]
            pages = [self.file.pxi.pages[page] for page in tensor.pages]
            item["encoding"] = tensor.encoding.name
            item["planes"] = [
                {"offset": p.offset, "bytes": p.nbytes, "width_bytes": p.row_bytes, "sample": str(p.sample.value)}
                for p in pages
            ]
            item["stats"] = None if self.atlas is None else self.atlas.statistics[item["name"]].to_json()
            tensors.append(item)
        labels = [{"text": a.text, "x": a.x, "y": a.y, "kind": a.kind, "layer": a.layer} for a in self.layout.labels]
        return {"version": LAYOUT_VERSION, "tensors": tensors, "labels": labels}

    def weight(self, x: int, y: int) -> dict[str, Any] | None:
        """The weight at (x, y) of the model's own frame, or None. `value` is null where JSON has no such number."""
        element = self.layout.locate(x, y)
        if element is None:
            return None
        tensor = self.file.tensors[element.tensor]
        value = float(read_window(tensor, element.row, element.col, 1, 1)[0, 0])
        return {
            "tensor": element.tensor,
            "row": element.row,
            "col": element.col,
            "layer": element.layer,
            "head": element.head,
            "value": value if math.isfinite(value) else None,
            "text": repr(np.float32(value).item()) if math.isfinite(value) else str(value),
            "encoding": tensor.encoding.name,
        }

    def to_json(self) -> dict[str, Any]:
        """The model's entry in `plane.json`."""
        b = self.layout.bounds
        return {
            "id": self.id,
            "name": self.name,
            "root": self.file.pxi.root_hash.hex(),
            "generation": self.file.pxi.generation,
            "x": self.x,
            "y": 0,
            "width": b.width,
            "height": b.height,
            "bounds": {"x": b.x, "y": b.y, "width": b.width, "height": b.height},
            "first_level": 1 if self.atlas is None else self.atlas.first_level,
            "max_level": self.pyramid.max_level,
            "statistics": list(STATISTICS),
            "pxi": None,
            "atlas": None,
            "hidden": self.hidden,
        }


class Library:
    """The models of one plane, side by side; a context manager that closes them.

    Attributes: `models`, id -> `ViewedModel`; `pairs`, (id, id) -> label of what can be compared.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Open model files, with their atlas where an up-to-date one lies beside them.

        Raises `InvalidArgumentError` (none, too many, one twice) and what `ModelFile.open` raises.
        """
        self.models: dict[str, ViewedModel] = {}
        self.pairs: dict[tuple[str, str], str] = {}
        self._comparisons: dict[tuple[str, str], Pyramid] = {}
        chosen = list(paths)
        if not 1 <= len(chosen) <= MAX_MODELS:
            raise InvalidArgumentError(f"{len(chosen)} models: from 1 to {MAX_MODELS} can be shown")
        if len({path.resolve() for path in chosen}) < len(chosen):
            raise InvalidArgumentError("a model is given twice")
        with ExitStack() as stack:
            shown = [self._open(stack, path) for path in chosen]
            self._stack = stack.pop_all()
        # A quarter of the largest tile: models stand near each other, and 25 tiles at most show a whole one.
        side = TILE << max(0, max(model.pyramid.max_level for model in shown) - 2)
        x = 0
        for model in shown:
            model.x = x + -(min(0, model.layout.bounds.x) // side) * side
            x = model.x + -(-(model.layout.bounds.x + model.layout.bounds.width) // side) * side
        for model in self.models.values():
            if model.hidden:
                model.x = next(m.x for m in shown if m.file.path == model.file.path)
        for i, one in enumerate(shown):
            for other in shown[i + 1 :]:
                if comparable(one.file, other.file):
                    self.pairs[one.id, other.id] = f"{one.name} → {other.name}"

    def _open(self, stack: ExitStack, path: Path) -> ViewedModel:
        file = stack.enter_context(ModelFile.open(path))
        layout = layout_of(file)
        beside = atlas_path(path)
        atlas = stack.enter_context(AtlasFile(beside)) if current(file, layout, beside) else None
        name = str(file.source.get("name") or path.stem)[:MAX_NAME]
        if any(m.name == name for m in self.models.values()):
            name = f"{name} ({path.stem})"
        model = self._add(ViewedModel(self._id(name, file), name, file, layout, atlas))
        for snapshot in file.pxi.snapshots()[-1 - MAX_SNAPSHOTS : -1]:
            try:
                old = stack.enter_context(ModelFile.open(path, generation=snapshot.generation))
            except PixelLLMError:
                continue  # a generation that held no model
            if comparable(old, file):
                title = f"{name}, generation {snapshot.generation}"
                earlier = self._add(ViewedModel(self._id(title, old), title, old, layout, None, hidden=True))
                label = f"{name}: generation {snapshot.generation} → {file.pxi.generation}"
                self.pairs[earlier.id, model.id] = label
        return model

    def _add(self, model: ViewedModel) -> ViewedModel:
        self.models[model.id] = model
        return model

    def _id(self, name: str, file: ModelFile) -> str:
        """A short name for URLs, with a part of the hash: what a browser has cached is never another model's."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "model"
        what = file.pxi.root_hash + bytes([LAYOUT_VERSION, VERSION])
        base = f"{slug}-{hashlib.sha256(what).hexdigest()[:8]}"
        return next(i for i in (base, *(f"{base}-{n}" for n in range(2, MAX_MODELS + 2))) if i not in self.models)

    def model(self, id: str) -> ViewedModel:
        """A model by its id; `NotFoundError`."""
        try:
            return self.models[id]
        except KeyError:
            raise NotFoundError("no such model", part=id[:80]) from None

    def plane_json(self) -> dict[str, Any]:
        """`plane.json`: the models, the rectangle around those that are shown, what can be compared."""
        shown = [m for m in self.models.values() if not m.hidden]
        left = min(m.x + m.layout.bounds.x for m in shown)
        top = min(m.layout.bounds.y for m in shown)
        right = max(m.x + m.layout.bounds.x + m.layout.bounds.width for m in shown)
        bottom = max(m.layout.bounds.y + m.layout.bounds.height for m in shown)
        return {
            "version": 1,
            "tile": TILE,
            "server": True,
            "bounds": {"x": left, "y": top, "width": right - left, "height": bottom - top},
            "models": [m.to_json() for m in self.models.values()],
            "compare": [{"a": a, "b": b, "label": label} for (a, b), label in self.pairs.items()],
        }

    def comparison(self, a: str, b: str) -> Pyramid:
        """The pyramid of B - A; `NotFoundError` for ids, or a pair, that are not offered."""
        one, other = self.model(a), self.model(b)
        if (a, b) not in self.pairs and (b, a) not in self.pairs:
            raise NotFoundError("these two cannot be compared: their tensors differ", part=f"{a}, {b}"[:160])
        if (a, b) not in self._comparisons:
            self._comparisons[a, b] = Pyramid(Differences(one.file, other.file), one.layout)
        return self._comparisons[a, b]

    def changes_json(self, a: str, b: str, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
        """`changes.json`: every tensor, the most changed first; infinite numbers are null."""
        self.comparison(a, b)
        found = changes(self.model(a).file, self.model(b).file, progress=progress)

        def number(value: float) -> float | None:
            return value if math.isfinite(value) else None

        return {
            "a": a,
            "b": b,
            "tensors": [
                {
                    "name": c.tensor,
                    "rms": number(c.rms),
                    "relative": number(c.relative),
                    "max": number(c.max),
                    "changed": c.changed,
                }
                for c in found
            ],
        }

    def close(self) -> None:
        """Close all files."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
