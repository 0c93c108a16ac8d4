/** Keeps the histogram of what is in view, and the range that fits it. */

import { TILE } from "../data/types";
import * as store from "../state/store";
import type { Drawable } from "./map_view";
import { defaultRange, fitRange, type Quantity, type Range } from "./quantity";
import { NOT_FINITE } from "./value_layer";

const BINS = 72;
const SAMPLES = 120_000;

export class Gauge {
  private readonly tiles = new Map<string, Drawable[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** The tiles of a model that are on the screen. */
  loaded(id: string, tiles: Drawable[]): void {
    this.tiles.set(id, tiles);
    this.changed();
  }

  /** The view or the range changed: measures again when it has come to rest. */
  changed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.measure();
    }, 120);
  }

  private measure(): void {
    const shown = new Set(store.shown.value.map((m) => m.model.id));
    const tiles = [...this.tiles].filter(([id]) => shown.has(id)).flatMap(([, t]) => t);
    const quantity = store.quantity.value;
    const sorted = sample(tiles).sort();
    if (sorted.length > 0 && !defaultRange(quantity)) {
      const fitted = fitRange(quantity, sorted);
      const old = store.fittedRange.value;
      if (fitted[0] !== old[0] || fitted[1] !== old[1]) store.fittedRange.value = fitted;
    }
    store.fit.value = sorted.length > 0 ? fitRange(quantity, sorted) : null;
    store.histogram.value = count(sorted, store.range.value, quantity);
  }
}

/** u of the numbers in view, at most SAMPLES of them, evenly spread. */
function sample(tiles: readonly Drawable[]): Float32Array {
  const { x, y, zoom } = store.view.value;
  const { width, height } = store.size.value;
  const logarithmic = store.quantity.value.scale === "log";
  const halfWidth = width / 2 / 2 ** zoom;
  const halfHeight = height / 2 / 2 ** zoom;
  const stride = Math.max(1, Math.ceil((tiles.length * TILE * TILE) / (SAMPLES * 4)));
  const out: number[] = [];
  for (const { key, map, pairs } of tiles) {
    const block = 2 ** key.level;
    const left = map.model.x + key.x * TILE * block;
    const top = map.model.y + key.y * TILE * block;
    const x0 = Math.max(0, Math.floor((x - halfWidth - left) / block));
    const x1 = Math.min(TILE, Math.ceil((x + halfWidth - left) / block));
    const y0 = Math.max(0, Math.floor((y - halfHeight - top) / block));
    const y1 = Math.min(TILE, Math.ceil((y + halfHeight - top) / block));
    for (let row = y0; row < y1; row++) {
      for (let col = x0 + (row % stride); col < x1; col += stride) {
        const i = 2 * (row * TILE + col);
        const value = pairs[i] ?? NOT_FINITE;
        const reference = pairs[i + 1] ?? 0;
        if (reference <= 0 || value >= 1e38) continue;
        const u = value / reference;
        if (!logarithmic) out.push(u);
        else if (u !== 0) out.push(Math.log2(Math.abs(u)));
      }
    }
  }
  return Float32Array.from(out);
}

/** Counts over the range and a margin on both sides; what lies beyond counts in the outer bins. */
export function count(sorted: Float32Array, [low, high]: Range, quantity: Quantity): store.Histogram {
  const margin = quantity.scale === "share" ? 0 : 0.12 * (high - low);
  const [from, to] = [low - margin, high + margin];
  const counts = new Uint32Array(BINS);
  for (const u of sorted) {
    const bin = Math.floor(((u - from) / (to - from)) * BINS);
    const i = Math.min(BINS - 1, Math.max(0, bin));
    counts[i] = (counts[i] ?? 0) + 1;
  }
  return { counts, from, to, total: sorted.length };
}
