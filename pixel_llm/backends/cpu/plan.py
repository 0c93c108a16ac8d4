"""From a `DecoderSpec` to programs: one for a single token, one for many.

A single token's program keeps the residual stream and the quantised activations once a thread (see
`kernels_prepare.py`), so that the threads meet five times a layer; the other divides the tokens among the threads
between the products.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixel_llm.backends.cpu import kernels_attention as attention
from pixel_llm.backends.cpu.kernels import LAYOUTS
from pixel_llm.backends.cpu.kernels_cache import work_bytes
from pixel_llm.backends.cpu.kernels_matmul import panel_bytes
from pixel_llm.backends.cpu.kernels_prepare import FORMATS, quantise_name
from pixel_llm.backends.cpu.memory import Inputs, KVCache, Region, padded_head
from pixel_llm.backends.cpu.program import Program, float_bits
from pixel_llm.backends.cpu.rotary import RotaryTables
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.weights import Matrix, Weights
from pixel_llm.models.spec import DecoderSpec


class Planner:
    """Writes a program. `capacity` is the most tokens of a pass; 1 makes the single token's program."""

    def __init__(
        self,
        spec: DecoderSpec,
        weights: Weights,
        cache: KVCache,
        inputs: Inputs,
        rotary: RotaryTables,
        target: Target,
        *,
        capacity: int,
        threads: int,
    ) -> None:
        self.spec, self.weights, self.cache, self.inputs, self.rotary = spec, weights, cache, inputs, rotary
        self.target = target
        self.one = capacity == 1
        self.padded = padded_head(spec, target)
        self.program = Program(LAYOUTS)
        self._products_in_order: list[tuple[int, Matrix]] = []
        wide = max(spec.hidden_size, spec.heads * spec.head_dim, spec.intermediate_size)
        self.wide = wide
        self.qkv_width = (spec.heads + 2 * spec.kv_heads) * spec.head_dim
        group = spec.heads // spec.kv_heads
        own = {
            "x": capacity * spec.hidden_size * 4,
            "normed": capacity * wide * 4,
            "queries": capacity * spec.heads * self.padded * 4,
            "attended": capacity * spec.heads * spec.head_dim * 4,
            **{f"q{b}_{g}": capacity * wide * 2 for b, g in FORMATS},
            **{f"s{b}_{g}": capacity * (wide // g + 1) * 12 for b, g in FORMATS},
        }
        shared = {
            "y": capacity * spec.hidden_size * 4,
            "qkv": capacity * self.qkv_width * 4,
            "gate": capacity * spec.intermediate_size * 4,
            "up": capacity * spec.intermediate_size * 4,
            "part": threads * attention.part_bytes(spec.heads, self.padded),
        }
        rows = spec.heads if self.one else group * attention.TILE
        scratch = {"work": max(work_bytes(rows, self.padded), 0 if self.one else self._panel())}
        self.shared = Region(shared)
        self.own = Region(own, threads if self.one else 1)
        self.scratch = Region(scratch, threads)
        self.private = self.own.stride if self.one else 0
        self.split = {"tokens": inputs.tokens, "share": 0 if self.one else 1}

    def _panel(self) -> int:
        names = [n for n, s in self.spec.tensor_shapes().items() if len(s) == 2]
        grouped = [m for m in map(self.weights.matrix, names) if m.encoding.group]
        return max((panel_bytes(m.encoding, m.columns, self.target.width) for m in grouped), default=0)

    def build(self) -> int:
        """Write the whole program; returns the number of ops before the output head."""
        spec = self.spec
        embedding = self.weights.matrix("token_embd.weight")
        self.program.add(
            f"embed_{embedding.encoding.name}",
            **self.split,
            ids=self.inputs.ids,
            codes=embedding.codes,
            scales=embedding.scales,
            width=spec.hidden_size,
            factor=float_bits(spec.embedding_scale),
            out=self.own.at("x"),
            out_private=self.private,
        )
        added, post = 0, ""
        for layer in range(spec.layers):
            b = f"blk.{layer}."
            self._norm(b + "attn_norm.weight", added, post)
            self._attention(layer)
            added, post = self.shared.at("y"), b + "post_attention_norm.weight"
            self._norm(b + "ffn_norm.weight", added, post)
            self._feed_forward(b)
            post = b + "post_ffw_norm.weight"
        body = len(self.program)
        self._head(added, post)
        self._announce_next()
        return body

    def _announce_next(self) -> None:
        """Tell each matrix–vector product which matrix comes after it; after the last one, the next token's first."""
        order = self._products_in_order
        for (op, _), (_, following) in zip(order, order[1:] + order[:1], strict=True):
            groups = following.columns // following.encoding.group
            self.program.change(
                op,
                next_codes=following.codes,
                next_row=following.columns * following.encoding.bits // 8,
                next_scales=following.scales,
                next_scale_row=groups * (4 if following.encoding.has_offset else 2),
                next_rows=following.rows,
            )

    def _norm(self, name: str, added: int, post: str, rows: int = 0, tokens: int = 0) -> None:
        spec, offset = self.spec, self.spec.norm_weight_offset
        self.program.add(
            "norm",
            tokens=tokens or self.inputs.tokens,
            share=self.split["share"],
            width=spec.hidden_size,
            x=self.own.at("x"),
            x_private=self.private,
            index=rows,
            add=added,
            post=self.weights.address(post, offset) if added and spec.post_norms else 0,
            weight=self.weights.address(name, offset),
            out=self.own.at("normed"),
            out_private=self.private,
            eps=float_bits(spec.norm_eps),
        )

    def _products(self, jobs: Sequence[tuple[Matrix, int, int, int]], x: int, x_private: int, tokens: int = 0) -> None:
        """out = x · matrix + bias for each (matrix, out, bytes of a row of out, bias); x is float32."""
        tokens = tokens or self.inputs.tokens
        for bits, group in sorted({(m.encoding.bits, m.encoding.group) for m, *_ in jobs if m.encoding.group}):
            self._quantise(bits, group, jobs[0][0].columns, x, x_private, tokens)
        if not self.one:
            self.program.meet()
        for matrix, out, out_row, bias in jobs:
            common = {"rows": matrix.rows, "out": out, "bias": bias}
            if matrix.encoding.group:
                self._grouped_product(matrix, common, out_row, tokens)
            else:
                self.program.add(
                    f"plain_{matrix.encoding.name}",
                    **common,
                    tokens=tokens,
                    weights=matrix.codes,
                    width=matrix.columns,
                    x=x,
                    x_row=matrix.columns * 4,
                    x_private=x_private,
                    out_row=out_row,
                )

    def _quantise(self, bits: int, group: int, columns: int, x: int, x_private: int, tokens: int) -> None:
        groups = columns // group
        scales = self.own.at(f"s{bits}_{group}")
        self.program.add(
            quantise_name(bits, group, self.target, one=self.one),
            tokens=tokens,
            share=self.split["share"],
            groups=groups,
            side_by_side=max(self.target.width * 4 // (group * bits // 8), 1) if self.one else 1,
            x=x,
            x_row=columns * 4,
            x_private=x_private,
            q=self.own.at(f"q{bits}_{group}"),
            q_row=columns * 2,
            scales=scales,
            pairs=scales + groups * 4,
            pairs_row=groups * 12,
            q_private=self.private,
        )

    def _grouped_product(self, matrix: Matrix, common: dict[str, int], out_row: int, tokens: int) -> None:
        enc = matrix.encoding
        groups = matrix.columns // enc.group
        scales = self.own.at(f"s{enc.bits}_{enc.group}")
        common = common | {
            "codes": matrix.codes,
            "scales": matrix.scales,
            "groups": groups,
            "x": self.own.at(f"q{enc.bits}_{enc.group}"),
            "x_scales": scales,
            "x_pairs": scales + groups * 4,
        }
        if self.one:
            self._products_in_order.append((len(self.program), matrix))
            self.program.add(f"matvec_{enc.name}", **common, x_private=self.private)
            return
        self.program.add(
            f"matmul_{enc.name}",
            **common,
            tokens=tokens,
            x_row=matrix.columns * 2,
            pairs_row=groups * 12,
            work=self.scratch.at("work"),
            work_private=self.scratch.stride,
            out_row=out_row,
        )

    def _bias(self, name: str, present: bool) -> int:
        return self.weights.address(name) if present else 0

    def _attention(self, layer: int) -> None:
        spec, program = self.spec, self.program
        b = f"blk.{layer}."
        row = self.qkv_width * 4
        starts = (0, spec.heads * spec.head_dim * 4, (spec.heads + spec.kv_heads) * spec.head_dim * 4)
        self._products(
            [
                (
                    self.weights.matrix(f"{b}attn_{n}.weight"),
                    self.shared.at("qkv") + start,
                    row,
                    self._bias(f"{b}attn_{n}.bias", spec.qkv_bias),
                )
                for n, start in zip("qkv", starts, strict=True)
            ],
            self.own.at("normed"),
            self.private,
        )
        program.meet()
        rotary = spec.rotary_of(layer)
        table, table_row = self.rotary.place(rotary)
        offset = spec.norm_weight_offset
        program.add(
            f"rotary_{rotary.kind}{self.cache.form.suffix}",
            **self.split,
            owner_only=int(self.one),
            qkv=self.shared.at("qkv"),
            qkv_row=row,
            heads=spec.heads,
            kv_heads=spec.kv_heads,
            head=spec.head_dim,
            padded=self.padded,
            q_norm=self.weights.address(b + "attn_q_norm.weight", offset) if spec.qk_norm else 0,
            k_norm=self.weights.address(b + "attn_k_norm.weight", offset) if spec.qk_norm else 0,
            eps=float_bits(spec.norm_eps),
            table=table,
            table_row=table_row,
            positions=self.inputs.positions,
            places=self.inputs.places,
            scale=float_bits(spec.attention_scale),
            q_out=self.own.at("queries"),
            q_private=self.private,
            k_cache=self.cache.keys(layer),
            v_cache=self.cache.values(layer),
            s_cache=self.cache.scales(layer),
            work=self.scratch.at("work"),
            work_private=self.scratch.stride,
        )
        common = {
            "heads": spec.heads,
            "kv_heads": spec.kv_heads,
            "head": spec.head_dim,
            "padded": self.padded,
            "softcap": float_bits(spec.attention_softcap),
            "window": spec.sliding_window if spec.is_sliding(layer) else 0,
            "k_cache": self.cache.keys(layer),
            "v_cache": self.cache.values(layer),
            "s_cache": self.cache.scales(layer),
            "positions": self.inputs.positions,
            "places": self.inputs.places,
            "q": self.own.at("queries"),
            "q_private": self.private,
            "work": self.scratch.at("work"),
            "work_private": self.scratch.stride,
        }
        if self.one:
            program.add("attend_one" + self.cache.form.suffix, meet=1, **common, part=self.shared.at("part"))
            program.add(
                "merge",
                heads=spec.heads,
                head=spec.head_dim,
                padded=self.padded,
                part=self.shared.at("part"),
                out=self.own.at("attended"),
                out_private=self.private,
            )
        else:
            program.meet()
            program.add(
                "attend_many" + self.cache.form.suffix,
                meet=1,
                **common,
                tiles=self.inputs.tiles,
                tile_count=self.inputs.tile_count,
                counter=self.inputs.counters + 8 * layer,
                out=self.own.at("attended"),
            )
        self._products(
            [
                (
                    self.weights.matrix(b + "attn_output.weight"),
                    self.shared.at("y"),
                    spec.hidden_size * 4,
                    self._bias(b + "attn_output.bias", spec.output_bias),
                )
            ],
            self.own.at("attended"),
            self.private,
        )
        program.meet()

    def _feed_forward(self, b: str) -> None:
        spec, program = self.spec, self.program
        row = spec.intermediate_size * 4
        self._products(
            [
                (
                    self.weights.matrix(f"{b}ffn_{n}.weight"),
                    self.shared.at(n),
                    row,
                    self._bias(f"{b}ffn_{n}.bias", spec.mlp_bias),
                )
                for n in ("gate", "up")
            ],
            self.own.at("normed"),
            self.private,
        )
        # A thread gates the rows that it has just computed itself, so no meeting is needed before.
        program.add(
            f"gate_{spec.activation}",
            meet=1,
            tokens=self.inputs.tokens,
            width=spec.intermediate_size,
            gate=self.shared.at("gate"),
            up=self.shared.at("up"),
            row=row,
        )
        self._products(
            [
                (
                    self.weights.matrix(b + "ffn_down.weight"),
                    self.shared.at("y"),
                    spec.hidden_size * 4,
                    self._bias(b + "ffn_down.bias", spec.mlp_bias),
                )
            ],
            self.shared.at("gate"),
            0,
        )
        program.meet()

    def _head(self, added: int, post: str) -> None:
        spec = self.spec
        name = "token_embd.weight" if spec.tied_output else "output.weight"
        if not self.one:
            # Only the wanted rows go on, and other threads than before may do them: finish the sums first.
            self.program.add(
                "norm",
                meet=1,
                **self.split,
                width=spec.hidden_size,
                x=self.own.at("x"),
                add=added,
                post=self.weights.address(post, spec.norm_weight_offset) if spec.post_norms else 0,
                eps=float_bits(spec.norm_eps),
            )
            self._norm("output_norm.weight", 0, "", rows=self.inputs.rows, tokens=self.inputs.outputs)
        else:
            self._norm("output_norm.weight", added, post)
        tokens = self.inputs.outputs
        self._products(
            [(self.weights.matrix(name), 0, spec.vocab_size * 4, 0)], self.own.at("normed"), self.private, tokens
        )
        self.program.meet()
        if spec.output_softcap:
            self.program.add(
                "softcap", meet=1, tokens=tokens, width=spec.vocab_size, cap=float_bits(spec.output_softcap)
            )

    def logits_words(self, body: int) -> list[tuple[int, int]]:
        """(row, column) of the words that hold the address of the logits: op fields behind the body."""
        kinds = {n for n in self.program.kernels if n.startswith(("matvec", "matmul", "plain"))}
        places = [p for kind in kinds for p in self.program.where("out", kernel=kind)]
        if "softcap" in self.program.kernels:
            places += self.program.where("x", kernel="softcap")
        return [p for p in places if p[0] >= body]
