/** The page's state: signals, and what follows from them. Nothing here touches the document. */

import { computed, signal } from "@preact/signals";
import type { Element, ModelMap } from "../data/model_map";
import type { TileSource } from "../data/source";
import type { Change, ComparePair, Plane, Tensor, Weight } from "../data/types";
import { suited } from "../map/palettes";
import { defaultRange, quantityOf, type Choice, type Norm, type Quantity, type Range } from "../map/quantity";
import type { View } from "./link";

export const plane = signal<Plane | null>(null);
export const source = signal<TileSource | null>(null);
/** The models that are drawn. */
export const maps = signal<readonly ModelMap[]>([]);
/** The compared models; `shown` is the one whose statistics are known (an old generation has none). */
export interface Pair {
  entry: ComparePair;
  maps: readonly [ModelMap, ModelMap];
  shown: ModelMap;
}
export const pair = signal<Pair | null>(null);
export const changes = signal<readonly Change[] | null>(null);

export const view = signal<View>({ x: 0, y: 0, zoom: 0 });
export const size = signal({ width: 1, height: 1 });

export const choice = signal<Choice>("auto");
export const norm = signal<Norm>("relative");
/** The chosen colour map; null: one that suits the quantity. */
export const chosenPalette = signal<string | null>(null);
/** The chosen range, for quantities of its scale; null: the quantity's own, or what is in view. */
export const chosenRange = signal<{ scale: Quantity["scale"]; range: Range } | null>(null);
/** The range that fits what is in view, kept by the map. */
export const fittedRange = signal<Range>([-1, 1]);

/** Extra level detail on screens of high density. */
export const zoomOffset = window.devicePixelRatio >= 1.5 ? 0 : -1;

/** The level that is on the screen, before the models' own limits. */
export const level = computed(() => Math.max(0, -Math.ceil(view.value.zoom + zoomOffset)));
export const quantity = computed(() => quantityOf(choice.value, norm.value, level.value, pair.value !== null));
export const paletteId = computed(() => paletteOf(quantity.value));
export const range = computed<Range>(() => rangeOf(quantity.value));

export function paletteOf(q: Quantity): string {
  return chosenPalette.value ?? suited(q);
}

/** The range of a quantity: the chosen one where it is of the same scale, else its own, else what fits the view. */
export function rangeOf(q: Quantity): Range {
  const chosen = chosenRange.value;
  if (chosen?.scale === q.scale) return chosen.range;
  return defaultRange(q) ?? fittedRange.value;
}

/** The models that are on the screen now. */
export const shown = computed<readonly ModelMap[]>(() => (pair.value ? [pair.value.shown] : maps.value));

/** The point under the cursor, on the plane. */
export const cursor = signal<{ x: number; y: number } | null>(null);
export interface Hit {
  map: ModelMap;
  element: Element;
}
/** The element of a point of the plane. */
export function hitAt(x: number, y: number): Hit | null {
  for (const map of shown.value) {
    const element = map.at(x - map.model.x, y - map.model.y);
    if (element) return { map, element };
  }
  return null;
}
export const hovered = computed<Hit | null>(() => (cursor.value ? hitAt(cursor.value.x, cursor.value.y) : null));

/** What is known of the weight under the cursor; `values` of both models where two are compared. */
export interface Reading {
  weight: Weight;
  /** The same element in the second model. */
  second: number | null;
}
export const reading = signal<Reading | null>(null);

export const selected = signal<{ map: ModelMap; tensor: Tensor } | null>(null);

/** What is in view: counts of u over `from` ... `to`. */
export interface Histogram {
  counts: Uint32Array;
  from: number;
  to: number;
  total: number;
}
export const histogram = signal<Histogram | null>(null);
/** The range that would fit what is in view. */
export const fit = signal<Range | null>(null);

export const panelOpen = signal(true);
export const helpOpen = signal(false);
export const failure = signal<string | null>(null);
export const notice = signal<string | null>(null);
/** Whether everything in view is drawn. */
export const settled = signal(false);
/** Tiles that are on their way. */
export const loading = signal(0);
