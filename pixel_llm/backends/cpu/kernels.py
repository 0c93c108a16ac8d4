"""The catalogue of kernels: which compiled unit each is in, and the fields of its op record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from pixel_llm.backends.cpu import kernels_attention as attention
from pixel_llm.backends.cpu import kernels_matmul as matmul
from pixel_llm.backends.cpu import kernels_matvec as matvec
from pixel_llm.backends.cpu import kernels_plain as plain
from pixel_llm.backends.cpu import kernels_prepare as prepare
from pixel_llm.backends.cpu import kernels_rotary as rotary
from pixel_llm.backends.cpu.compiler import link
from pixel_llm.backends.cpu.kernels_cache import CACHES
from pixel_llm.backends.cpu.kernels_run import build_run
from pixel_llm.backends.cpu.target import Target
from pixel_llm.formats.encodings import ENCODINGS

Builder = Callable[[Target], Any]

UNITS: Final[dict[str, Builder]] = {
    "run": build_run,
    "prepare": prepare.build_prepare,
    "merge": attention.build_merge,
}
LAYOUTS: Final[dict[str, tuple[str, ...]]] = {
    "norm": prepare.NORM,
    "gate_silu": prepare.GATE,
    "gate_gelu_tanh": prepare.GATE,
    "softcap": prepare.SOFTCAP,
    "merge": attention.MERGE,
}
_EXPORTS: Final[dict[str, tuple[str, ...]]] = {"run": ("run", "serve", "post")}


def _fill() -> None:
    for bits, group in prepare.FORMATS:
        LAYOUTS[f"quantise_{bits}_{group}"] = prepare.QUANTISE
        if bits == 4:
            LAYOUTS[f"quantise_4_{group}_bytes"] = prepare.QUANTISE
    _EXPORTS["prepare"] = tuple(n for n in LAYOUTS if n.startswith(("norm", "gate", "softcap", "quantise")))
    _EXPORTS["merge"] = ("merge",)
    for cache in CACHES.values():
        own: dict[str, dict[str, tuple[str, ...]]] = {
            "rotary": {"rotary_half": rotary.ROTARY, "rotary_interleaved": rotary.ROTARY},
            "attention": {"attend_one": attention.ATTEND_ONE, "attend_many": attention.ATTEND_MANY},
        }
        UNITS["rotary" + cache.suffix] = partial(rotary.build_rotary, cache)
        UNITS["attention" + cache.suffix] = partial(attention.build_attention, cache)
        for unit, kernels in own.items():
            _EXPORTS[unit + cache.suffix] = tuple(name + cache.suffix for name in kernels)
            LAYOUTS.update({name + cache.suffix: fields for name, fields in kernels.items()})
    for name, enc in ENCODINGS.items():
        kinds: list[tuple[str, Any, tuple[str, ...]]] = [("embed", plain.build_embed, plain.EMBED)]
        if enc.group:
            kinds.append(("matvec", matvec.build_matvec, matvec.FIELDS))
            kinds.append(("matmul", matmul.build_matmul, matmul.FIELDS))
        else:
            kinds.append(("plain", plain.build_plain, plain.FIELDS))
        for kind, build, fields in kinds:
            UNITS[f"{kind}_{name}"] = partial(build, enc)
            _EXPORTS[f"{kind}_{name}"] = (f"{kind}_{name}",)
            LAYOUTS[f"{kind}_{name}"] = fields


_fill()


def addresses(kernels: Iterable[str], target: Target) -> dict[str, int]:
    """Addresses of the team's functions and of `kernels`, compiled for `target` where the cache lacks them."""
    wanted = set(kernels)
    units = {unit: build for unit, build in UNITS.items() if unit == "run" or any(k in wanted for k in _EXPORTS[unit])}
    return link(units, _EXPORTS, target)
