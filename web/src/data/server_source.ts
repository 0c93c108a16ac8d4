/** Numbers from the tile server of `pixel-llm view`. */

import { getBytes, getJson } from "./http";
import type { ModelMap } from "./model_map";
import { DataError, parseChanges } from "./parse";
import { mostChanged, weightAt, type TileKey, type TileSource } from "./source";
import { Tile } from "./tile_format";
import type { Change, ComparePair, Weight } from "./types";

export class ServerSource implements TileSource {
  tile(map: ModelMap, key: TileKey, signal: AbortSignal): Promise<Tile | null> {
    return fetchTile(`api/models/${map.model.id}`, key, signal);
  }

  difference([a, b]: readonly [ModelMap, ModelMap], key: TileKey, signal: AbortSignal): Promise<Tile | null> {
    return fetchTile(`api/compare/${a.model.id}/${b.model.id}`, key, signal);
  }

  async weight(map: ModelMap, x: number, y: number, signal: AbortSignal): Promise<Weight | null> {
    if (!map.at(x, y)) return null;
    const url = `api/models/${map.model.id}/weight?x=${Math.floor(x)}&y=${Math.floor(y)}`;
    const answer = await getJson(url, signal);
    if (typeof answer !== "object" || answer === null || !("value" in answer)) throw new DataError(`${url}: no value`);
    if (typeof answer.value === "number") return weightAt(map, x, y, answer.value);
    return weightAt(map, x, y, "text" in answer ? notFinite(String(answer.text)) : NaN);
  }

  async changes(pair: ComparePair): Promise<Change[]> {
    return mostChanged(parseChanges(await getJson(`api/compare/${pair.a}/${pair.b}/changes.json`)));
  }
}

/** JSON has no such numbers: they come as texts. */
function notFinite(text: string): number {
  return text === "inf" ? Infinity : text === "-inf" ? -Infinity : NaN;
}

async function fetchTile(base: string, { level, x, y }: TileKey, signal: AbortSignal): Promise<Tile | null> {
  const buffer = await getBytes(`${base}/tiles/${level}/${x}/${y}.bin`, signal);
  return buffer && new Tile(buffer);
}
