"""`python -m pixel_llm.cli.docs_formats > docs/formats.md`: encodings and sources, made from their tables."""

from __future__ import annotations

import sys

from pixel_llm.formats.encodings import ENCODINGS, Encoding, plane_specs
from pixel_llm.formats.ggml_blocks import BY_NAME, BlockType

_HEAD = """# Formats: what a weight becomes

<!-- Made by `python -m pixel_llm.cli.docs_formats > docs/formats.md`; a test compares. Edit the tables in the code. -->

A tensor is one plane of floats, or a plane of integer codes and a plane of float16 scales; a plane is one page of the
file. Byte by byte:
[the container](../pixel_llm/specs/pxi_format.md), [the model format](../pixel_llm/specs/pxi_llm_format.md).

## Encodings

For a matrix of N rows and K columns.

| name | value | weights a scale | codes page | scales page | bits a weight |
|---|---|---|---|---|---|
"""

_SOURCES = """
## Sources

What `pixel-llm import --quant none` makes of each type. Lossless ones come back bit for bit on export. For
the others the import states the largest error; their codes are kept exactly and their scales rounded to float16
([why](adr/0002-k-quants.md)).

| type | bits a weight | becomes | bits a weight | lossless |
|---|---|---|---|---|
"""

_QUANT = """
safetensors: F32, F16 and BF16, lossless.

`--quant q8` makes matrices `q8`; `--quant q4` makes them `q4a`, the token embedding and the output `q8`. Vectors stay
floats, and so does a matrix whose rows are not whole groups; one that already has as few bits stays as it is.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return (
        _HEAD
        + "".join(_encoding_row(e) for e in ENCODINGS.values())
        + _SOURCES
        + "".join(_source_row(t, t.encoding) for t in BY_NAME.values() if t.encoding is not None)
        + _QUANT
    )


def _encoding_row(enc: Encoding) -> str:
    if enc.group == 0:
        (plane,) = plane_specs(enc, (1, 32))
        note = " (the bits of a bfloat16)" if enc.name == "bf16" else ""
        return f"| `{enc.name}` | the float | | {plane.sample} K × N{note} | | {enc.bits} |\n"
    codes, scales = plane_specs(enc, (1, 32))
    value = "scale · code + offset" if enc.has_offset else "scale · code"
    if enc.zero_point:
        value = f"scale · (code - {enc.zero_point})"
    width = "K/2" if enc.bits == 4 else "K"
    channels = f", {scales.channels} channels" if scales.channels > 1 else ""
    return (
        f"| `{enc.name}` | {value} | {enc.group} | {codes.sample} {width} × N | "
        f"{scales.sample} K/{enc.group} × N{channels} | {_bits(enc):g} |\n"
    )


def _bits(enc: Encoding) -> float:
    """Stored bits a weight, scales included."""
    return enc.bits + (16 * (2 if enc.has_offset else 1) / enc.group if enc.group else 0)


def _source_row(kind: BlockType, enc: Encoding) -> str:
    lossless = "no" if kind.k_quant else "yes"
    return f"| {kind.name} | {8 * kind.nbytes / kind.weights:g} | `{enc.name}` | {_bits(enc):g} | {lossless} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
