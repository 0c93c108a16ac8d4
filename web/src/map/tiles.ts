/** Tiles as they were fetched, kept within a byte budget, so that another statistic needs no request. */

import type { ModelMap } from "../data/model_map";
import type { TileKey, TileSource, TileValues } from "../data/source";

export class TileCache {
  private readonly held = new Map<string, TileValues | null>();
  private size = 0;

  constructor(private readonly budget = 256 << 20) {}

  async get(
    source: TileSource,
    maps: readonly [ModelMap] | readonly [ModelMap, ModelMap],
    key: TileKey,
    signal: AbortSignal,
  ): Promise<TileValues | null> {
    const name = nameOf(maps, key);
    const known = this.touch(name);
    if (known !== undefined) return known;
    const tile = await (maps.length === 2 ? source.difference(maps, key, signal) : source.tile(maps[0], key, signal));
    if (!this.held.has(name)) this.size += cost(tile);
    this.held.set(name, tile);
    for (const [oldest, value] of this.held) {
      if (this.size <= this.budget) break;
      this.held.delete(oldest);
      this.size -= cost(value);
    }
    return tile;
  }

  /** A tile that is already here. */
  peek(maps: readonly [ModelMap] | readonly [ModelMap, ModelMap], key: TileKey): TileValues | null | undefined {
    return this.held.get(nameOf(maps, key));
  }

  private touch(name: string): TileValues | null | undefined {
    const value = this.held.get(name);
    if (value === undefined) return undefined;
    this.held.delete(name);
    this.held.set(name, value);
    return value;
  }
}

function nameOf(maps: readonly ModelMap[], { level, x, y }: TileKey): string {
  return `${maps.map((m) => m.model.id).join("|")}/${level}/${x}/${y}`;
}

function cost(tile: TileValues | null): number {
  return 64 + (tile?.bytes ?? 0);
}
