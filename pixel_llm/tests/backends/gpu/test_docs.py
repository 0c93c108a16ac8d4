"""The Python in docs/gpu.md runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import pixel_llm
from pixel_llm.core.pixelfs import PixelFS
from pixel_llm.tests.adapters import adapter_or_skip

PAGE = Path(pixel_llm.__file__).parent.parent / "docs" / "gpu.md"


def test_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter_or_skip()
    monkeypatch.chdir(tmp_path)
    PixelFS("store").write("a/b.bin", np.arange(640, dtype=np.float16).tobytes())
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})
