/** Makes a tile ready to be drawn: every number beside the reference that it is divided by. */

import type { ModelMap } from "../data/model_map";
import type { TileKey } from "../data/source";
import { TILE } from "../data/types";
import type { Quantity } from "./quantity";
import { NOT_FINITE } from "./value_layer";

/** For each texel the RMS of its tensor; 0 where there is none. */
export function references(map: ModelMap, { level, x, y }: TileKey): Float32Array {
  const out = new Float32Array(TILE * TILE);
  const block = 2 ** level;
  const side = TILE * block;
  const [left, top] = [x * side, y * side];
  for (const { tensor, region } of map.within({ x: left, y: top, width: side, height: side })) {
    const rms = tensor.stats?.rms ?? 1;
    const reference = Number.isFinite(rms) && rms > 0 ? rms : 1;
    const x0 = Math.max(0, Math.floor((region.x - left) / block));
    const x1 = Math.min(TILE, Math.ceil((region.x + region.width - left) / block));
    const y0 = Math.max(0, Math.floor((region.y - top) / block));
    const y1 = Math.min(TILE, Math.ceil((region.y + region.height - top) / block));
    for (let row = y0; row < y1; row++) out.fill(reference, row * TILE + x0, row * TILE + x1);
  }
  return out;
}

/** Numbers and references interleaved, as `ValueLayer` draws them. */
export function pairsOf(values: Float32Array, reference: Float32Array, quantity: Quantity): Float32Array {
  const { statistic, weights, norm } = quantity;
  const out = new Float32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    let value = values[i] ?? NaN;
    const ref = reference[i] ?? 0;
    if (weights && statistic === "zeros") value = value === 0 ? 1 : 0;
    else if (weights && statistic === "nonfinite") value = Number.isFinite(value) ? 0 : 1;
    out[2 * i] = Number.isFinite(value) ? value : NOT_FINITE;
    out[2 * i + 1] = ref === 0 || norm === "relative" ? ref : 1;
  }
  return out;
}
