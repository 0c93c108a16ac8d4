/** A small model for tests: an embedding in two strips, two layers with three heads in Q, a norm. */

import { ModelMap } from "../src/data/model_map";
import type { ModelEntry, Region, Tensor } from "../src/data/types";

export function region(x: number, y: number, width: number, height: number, more: Partial<Region> = {}): Region {
  return { x, y, width, height, row: 0, col: 0, head: null, ...more };
}

export function tensor(
  name: string,
  rows: number,
  cols: number,
  regions: Region[],
  more: Partial<Tensor> = {},
): Tensor {
  const layer = /^blk\.(\d+)\./.exec(name)?.[1];
  return {
    name,
    rows,
    cols,
    encoding: "f32",
    layer: layer === undefined ? null : Number(layer),
    kind: "other",
    planes: [],
    regions,
    stats: null,
    ...more,
  };
}

export const MODEL: ModelEntry = {
  id: "small",
  name: "Small",
  root: "00",
  generation: 1,
  x: 0,
  y: 0,
  bounds: { x: 0, y: 0, width: 200, height: 300 },
  maxLevel: 1,
  firstLevel: 1,
  pxi: null,
  atlas: null,
  hidden: false,
};

export function smallMap(model: Partial<ModelEntry> = {}): ModelMap {
  const layer = (n: number, y: number): Tensor[] => [
    tensor(`blk.${n}.attn_norm.weight`, 1, 32, [region(0, y, 32, 1)]),
    tensor(
      `blk.${n}.attn_q.weight`,
      24,
      32,
      [0, 1, 2].map((h) => region(40 * h, y + 10, 32, 8, { row: 8 * h, head: h })),
    ),
    tensor(`blk.${n}.ffn_down.weight`, 32, 48, [region(128, y + 10, 48, 32)]),
  ];
  return new ModelMap(
    { ...MODEL, ...model },
    {
      tensors: [
        tensor("token_embd.weight", 100, 32, [region(0, 0, 32, 50), region(40, 0, 32, 50, { row: 50 })]),
        ...layer(0, 64),
        ...layer(1, 128),
      ],
    },
  );
}
