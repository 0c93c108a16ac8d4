"""The .pxi container: pages of pixels in a strict BigTIFF profile, with proof of integrity and generations.

Stated byte by byte in `pixel_llm/specs/pxi_format.md`.
"""

from pixel_llm.core.pxi.compact import compact
from pixel_llm.core.pxi.layout import Page, SampleType
from pixel_llm.core.pxi.planes import PlaneWriter
from pixel_llm.core.pxi.reader import PxiFile, Snapshot
from pixel_llm.core.pxi.update import PxiUpdater, rollback
from pixel_llm.core.pxi.verifying import Failure, VerifyReport
from pixel_llm.core.pxi.writer import PxiWriter

__all__ = [
    "Failure",
    "Page",
    "PlaneWriter",
    "PxiFile",
    "PxiUpdater",
    "PxiWriter",
    "SampleType",
    "Snapshot",
    "VerifyReport",
    "compact",
    "rollback",
]
