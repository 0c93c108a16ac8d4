/** Keeps the exact value of the weight under the cursor. */

import { effect } from "@preact/signals";
import type { ModelMap } from "../data/model_map";
import type { Weight } from "../data/types";
import * as store from "./store";

/** Milliseconds that the cursor must rest before a value is asked for. */
const REST = 30;

export function followCursor(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let request: AbortController | null = null;
  let last = "";
  effect(() => {
    const hit = store.hovered.value;
    const source = store.source.value;
    const pair = store.pair.value;
    const { tensor, row, col } = hit?.element ?? {};
    const name = hit ? `${hit.map.model.id} ${pair?.entry.b ?? ""} ${tensor?.name ?? ""} ${row ?? 0} ${col ?? 0}` : "";
    if (name === last) return;
    last = name;
    clearTimeout(timer);
    request?.abort();
    if (!hit || !source) return;
    const { region } = hit.element;
    const x = region.x + hit.element.col - region.col;
    const y = region.y + hit.element.row - region.row;
    const asked = new AbortController();
    request = asked;
    const read = (map: ModelMap): Promise<Weight | null> => source.weight(map, x, y, asked.signal);
    timer = setTimeout(() => {
      Promise.all([read(pair ? pair.maps[0] : hit.map), pair ? read(pair.maps[1]) : null])
        .then(([weight, second]) => {
          if (!asked.signal.aborted && weight) store.reading.value = { weight, second: second?.value ?? null };
        })
        .catch((error: unknown) => {
          if (!asked.signal.aborted) store.failure.value = error instanceof Error ? error.message : String(error);
        });
    }, REST);
  });
}
