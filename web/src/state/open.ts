/** Opens the plane: which models, and their layouts. */

import { getJson } from "../data/http";
import { ModelMap } from "../data/model_map";
import { DataError, parseLayout, parsePlane } from "../data/parse";
import { RangeSource } from "../data/range_source";
import { ServerSource } from "../data/server_source";
import type { ModelEntry } from "../data/types";
import * as store from "./store";

const layouts = new Map<string, Promise<ModelMap>>();

export async function openPlane(): Promise<void> {
  const plane = parsePlane(await getJson("api/plane.json"));
  const maps = await Promise.all(plane.models.filter((m) => !m.hidden).map(openModel));
  store.source.value = plane.server ? new ServerSource() : new RangeSource();
  store.plane.value = plane;
  store.maps.value = maps;
}

/** Compares two models of the plane, or stops comparing. */
export async function openPair(ids: readonly [string, string] | null): Promise<void> {
  const plane = store.plane.value;
  const entry = ids && plane?.compare.find((c) => c.a === ids[0] && c.b === ids[1]);
  if (ids && !entry) throw new DataError(`${ids[0]} and ${ids[1]} cannot be compared here`);
  store.chosenRange.value = null;
  store.changes.value = null;
  if (!entry || !plane) {
    store.pair.value = null;
    return;
  }
  const [a, b] = [entry.a, entry.b].map((id) => plane.models.find((m) => m.id === id));
  if (!a || !b) throw new DataError(`no model ${entry.a} or ${entry.b}`);
  const maps = await Promise.all([openModel(a), openModel(b)]);
  const measured = maps.find((m) => m.tensors.some((t) => t.stats));
  store.pair.value = { entry, maps, shown: measured ?? maps[0] };
  const changes = (await store.source.value?.changes(entry)) ?? [];
  if (store.pair.value.entry === entry) store.changes.value = changes;
}

function openModel(model: ModelEntry): Promise<ModelMap> {
  let map = layouts.get(model.id);
  if (!map) {
    map = getJson(`api/models/${model.id}/layout.json`).then((json) => new ModelMap(model, parseLayout(json)));
    map.catch(() => layouts.delete(model.id));
    layouts.set(model.id, map);
  }
  return map;
}
