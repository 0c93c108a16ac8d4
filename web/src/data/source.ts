/** Where the page's numbers come from. Tiles and coordinates are in the frame of the model. */

import type { ModelMap } from "./model_map";
import type { Change, ComparePair, Statistic, Weight } from "./types";

/**
 * Numbers of a tile: `values(statistic)` gives TILE x TILE of them, row by row: weights at level 0, statistics of blocks above;
 * NaN where there is no tensor.
 */
export interface TileValues {
  readonly bytes: number;
  values(statistic: Statistic): Float32Array;
}

/** A tile's place: `level`, and column and row in tiles. */
export interface TileKey {
  level: number;
  x: number;
  y: number;
}

export interface TileSource {
  /** A tile, or null where it would be empty. */
  tile(map: ModelMap, key: TileKey, signal: AbortSignal): Promise<TileValues | null>;

  /** A tile of second minus first: of the weights at level 0, statistics of the differences above. */
  difference(maps: readonly [ModelMap, ModelMap], key: TileKey, signal: AbortSignal): Promise<TileValues | null>;

  /** The exact weight at a point, or null between the tensors. */
  weight(map: ModelMap, x: number, y: number, signal: AbortSignal): Promise<Weight | null>;

  /** The tensors of a pair that changed, most changed first. */
  changes(pair: ComparePair): Promise<Change[]>;
}

/** Sorted by the relative change; tensors that did not change are left out. */
export function mostChanged(changes: readonly Change[]): Change[] {
  return changes.filter((c) => c.rms > 0 || c.max > 0 || Number.isNaN(c.rms)).sort((a, b) => b.relative - a.relative);
}

/** The weight at an element, once its value is known. */
export function weightAt(map: ModelMap, x: number, y: number, value: number): Weight | null {
  const element = map.at(x, y);
  if (!element) return null;
  const { tensor, region, row, col } = element;
  return { tensor: tensor.name, row, col, layer: tensor.layer, head: region.head, encoding: tensor.encoding, value };
}
