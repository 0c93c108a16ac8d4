/** Numbers from a static site: coarse tiles out of .atlas files, weights out of .pxi files, by range requests. */

import { AtlasFile } from "./atlas_file";
import { Blocks } from "./blocks";
import { decodeRow, spans } from "./encodings";
import { getJson } from "./http";
import { intersection, type ModelMap, type Place } from "./model_map";
import { DataError, parseChanges } from "./parse";
import { RangeReader } from "./range_reader";
import { mostChanged, weightAt, type TileKey, type TileSource, type TileValues } from "./source";
import { STATISTICS, TILE, type Box, type Change, type ComparePair, type Statistic, type Weight } from "./types";

/** Tiles up to this level are computed from weights (a tile of level 2 is a million of them). */
const FINEST_FROM_WEIGHTS = 2;

type Rows = (y: number, x: number, values: Float32Array) => void;

export class RangeSource implements TileSource {
  private readonly reader = new RangeReader();
  private readonly atlases = new Map<string, Promise<AtlasFile>>();

  async tile(map: ModelMap, key: TileKey, signal: AbortSignal): Promise<TileValues | null> {
    const { firstLevel, pxi } = map.model;
    if (key.level >= firstLevel) return this.stored(map, key, signal);
    if (pxi && key.level <= FINEST_FROM_WEIGHTS) return this.computed(map, key, signal);
    return this.magnified(map, key, signal);
  }

  async difference([a, b]: readonly [ModelMap, ModelMap], key: TileKey, signal: AbortSignal) {
    if (key.level === 0) {
      const [first, second] = await Promise.all([this.weights(a, key), this.weights(b, key)]);
      if (!first || !second) return null;
      return new Computed((statistic) => subtract(second.values(statistic), first.values(statistic)));
    }
    if (key.level <= FINEST_FROM_WEIGHTS) return this.computedDifference(a, b, key);
    const [first, second] = await Promise.all([this.tile(a, key, signal), this.tile(b, key, signal)]);
    if (!first || !second) return null;
    return new Computed((statistic) => {
      const difference = subtract(second.values(statistic), first.values(statistic));
      return statistic === "rms" ? difference.map(Math.abs) : difference;
    });
  }

  async weight(map: ModelMap, x: number, y: number): Promise<Weight | null> {
    let value = NaN;
    await this.rows(map, { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 }, (_y, _x, values) => {
      value = values[0] ?? NaN;
    });
    return weightAt(map, x, y, value);
  }

  async changes(pair: ComparePair): Promise<Change[]> {
    return mostChanged(parseChanges(await getJson(`api/compare/${pair.a}/${pair.b}/changes.json`)));
  }

  private async stored(map: ModelMap, key: TileKey, signal: AbortSignal): Promise<TileValues | null> {
    const { id, atlas } = map.model;
    if (!atlas) throw new DataError(`${map.model.name}: no atlas; export the site again`);
    let opened = this.atlases.get(id);
    if (!opened) {
      opened = AtlasFile.open(atlas, map.model);
      opened.catch(() => this.atlases.delete(id));
      this.atlases.set(id, opened);
    }
    return (await opened).tile(key, signal);
  }

  /** A part of the finest stored tile, magnified: between the levels that are stored and those worth computing. */
  private async magnified(map: ModelMap, key: TileKey, signal: AbortSignal): Promise<TileValues | null> {
    const up = map.model.firstLevel - key.level;
    const coarse = { level: map.model.firstLevel, x: key.x >> up, y: key.y >> up };
    const tile = await this.stored(map, coarse, signal);
    if (!tile) return null;
    const left = (key.x - (coarse.x << up)) * (TILE >> up);
    const top = (key.y - (coarse.y << up)) * (TILE >> up);
    return new Computed((statistic) => {
      const values = tile.values(statistic);
      const out = new Float32Array(TILE * TILE);
      for (let y = 0; y < TILE; y++) {
        for (let x = 0; x < TILE; x++) out[y * TILE + x] = values[(top + (y >> up)) * TILE + left + (x >> up)] ?? NaN;
      }
      return out;
    });
  }

  private async computed(map: ModelMap, key: TileKey, signal: AbortSignal): Promise<TileValues | null> {
    if (key.level === 0) return this.weights(map, key);
    const box = boxOf(key);
    if (map.within(box).length === 0) return null;
    const blocks = new Blocks(TILE, key.level);
    await this.rows(map, box, (y, x, values) => {
      blocks.addRow(x - box.x, y - box.y, values);
    });
    signal.throwIfAborted();
    return new Computed((statistic) => blocks.result(statistic));
  }

  private async weights(map: ModelMap, key: TileKey): Promise<TileValues | null> {
    const box = boxOf(key);
    if (map.within(box).length === 0) return null;
    const out = new Float32Array(box.width * box.height).fill(NaN);
    await this.rows(map, box, (y, x, values) => {
      out.set(values, (y - box.y) * box.width + x - box.x);
    });
    return new Computed(() => out);
  }

  private async computedDifference(a: ModelMap, b: ModelMap, key: TileKey): Promise<TileValues | null> {
    const box = boxOf(key);
    const first = new Map<string, Float32Array>();
    await this.rows(a, box, (y, x, values) => first.set(`${y}/${x}`, values));
    if (first.size === 0) return null;
    const blocks = new Blocks(TILE, key.level);
    await this.rows(b, box, (y, x, values) => {
      const other = first.get(`${y}/${x}`);
      if (other?.length === values.length) blocks.addRow(x - box.x, y - box.y, subtract(values, other));
    });
    return new Computed((statistic) => blocks.result(statistic));
  }

  /** Calls `use` with every run of weights in a box. */
  private async rows(map: ModelMap, box: Box, use: Rows): Promise<void> {
    await Promise.all(map.within(box).map((place) => this.regionRows(map, place, box, use)));
  }

  private async regionRows(map: ModelMap, { tensor, region }: Place, box: Box, use: Rows): Promise<void> {
    const { pxi } = map.model;
    if (!pxi) throw new DataError(`${map.model.name}: the site has no weights`);
    const part = intersection(region, box);
    if (!part) return;
    const first = region.col + part.x - region.x;
    const last = first + part.width;
    const top = region.row + part.y - region.y;
    const cuts = spans(tensor.encoding, first, last);
    const planes = await Promise.all(
      tensor.planes.map((plane, i) => {
        const cut = cuts[i];
        if (!cut) return Promise.resolve([]);
        const ranges = Array.from({ length: part.height }, (_, k) => {
          const row = plane.offset + (top + k) * plane.widthBytes;
          return { start: row + cut.start, end: row + cut.end };
        });
        return this.reader.read(pxi, ranges);
      }),
    );
    for (let k = 0; k < part.height; k++) {
      const values = new Float32Array(part.width);
      const bytes = planes.map((rows) => rows[k] ?? new Uint8Array());
      decodeRow(tensor.encoding, bytes, first, last, values, 0);
      use(part.y + k, part.x, values);
    }
  }
}

function boxOf({ level, x, y }: TileKey): Box {
  const side = TILE * 2 ** level;
  return { x: x * side, y: y * side, width: side, height: side };
}

function subtract(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - (b[i] ?? NaN));
}

/** A tile whose planes are made when they are asked for, once. */
class Computed implements TileValues {
  readonly bytes = TILE * TILE * 4 * STATISTICS.length;
  private readonly made = new Map<Statistic, Float32Array>();

  constructor(private readonly make: (statistic: Statistic) => Float32Array) {}

  values(statistic: Statistic): Float32Array {
    const known = this.made.get(statistic);
    if (known) return known;
    const values = this.make(statistic);
    this.made.set(statistic, values);
    return values;
  }
}
