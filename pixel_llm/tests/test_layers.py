"""The layers of the design, held by reading every module's imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pixel_llm

ROOT = Path(pixel_llm.__file__).parent

# A module may import its own layer and lower ones.
LAYERS = {
    "errors": 1,
    "core": 2,
    "formats": 3,
    "tokenizer": 3,
    "models": 4,
    "backends": 5,
    "atlas": 5,
    "generate": 6,
    "download": 6,
    "viewer": 6,
    "api": 7,
    "coach": 7,
    "testing": 7,
    "cli": 8,
    "__init__": 7,
}
# The reference backend is the truth that the fast ones are measured against; it must not lean on them, nor they on it.
SEPARATE = {"backends/reference", "backends/cpu", "backends/gpu"}


def imports_of(path: Path) -> list[str]:
    """Absolute dotted names of everything under pixel_llm that `path` imports, inside functions too."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if name.split(".")[0] == "pixel_llm"]


def modules() -> list[Path]:
    return [p for p in sorted(ROOT.rglob("*.py")) if "tests" not in p.relative_to(ROOT).parts]


def layer(dotted: str) -> int:
    parts = dotted.split(".")
    if len(parts) == 1 or parts[1] not in LAYERS:
        return LAYERS["__init__"]  # the package itself: `from pixel_llm import open`
    return LAYERS[parts[1]]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_downwards(path: Path) -> None:
    relative = path.relative_to(ROOT)
    own = LAYERS[relative.parts[0].removesuffix(".py")]
    for name in imports_of(path):
        assert layer(name) <= own, f"{relative} (layer {own}) imports {name} (layer {layer(name)})"


@pytest.mark.parametrize("package", sorted(SEPARATE))
def test_backends_do_not_lean_on_each_other(package: str) -> None:
    others = {p.replace("/", ".") for p in SEPARATE if p != package}
    for path in (ROOT / package).rglob("*.py"):
        for name in imports_of(path):
            assert not any(name.startswith(f"pixel_llm.{other}") for other in others), f"{path} imports {name}"


def test_every_module_has_a_layer() -> None:
    for path in modules():
        assert path.relative_to(ROOT).parts[0].removesuffix(".py") in LAYERS, path
