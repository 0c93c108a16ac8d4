"""Pixel-LLM: a language model as pixels, in one `.pxi` file.

    import pixel_llm

    pixel_llm.import_model("model.gguf", "model.pxi")
    with pixel_llm.open("model.pxi") as model:
        print(model.generate("What is a pixel?", chat=True).text)

Everything else is imported from the module that holds it. Nothing is loaded before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixel_llm.api import Model, export_model, import_model, open
    from pixel_llm.errors import PixelLLMError

    __version__: str

__all__ = ["Model", "PixelLLMError", "__version__", "export_model", "import_model", "open"]

_HOMES = {
    "Model": "pixel_llm.api",
    "open": "pixel_llm.api",
    "import_model": "pixel_llm.api",
    "export_model": "pixel_llm.api",
    "PixelLLMError": "pixel_llm.errors",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("pixel-llm")
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'pixel_llm' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
