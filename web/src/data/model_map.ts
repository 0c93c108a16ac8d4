/** Which tensor and element lies where on a model's frame. */

import Flatbush from "flatbush";
import type { Box, Layout, ModelEntry, Region, Tensor } from "./types";

export interface Place {
  tensor: Tensor;
  region: Region;
}

/** One element of a tensor. */
export interface Element extends Place {
  row: number;
  col: number;
}

export class ModelMap {
  readonly model: ModelEntry;
  readonly tensors: readonly Tensor[];
  readonly places: readonly Place[];
  /** Layers in order, each with the box around its tensors. */
  readonly layers: ReadonlyMap<number, Box>;
  private readonly byName: ReadonlyMap<string, Tensor>;
  private readonly index: Flatbush;

  constructor(model: ModelEntry, layout: Layout) {
    this.model = model;
    this.tensors = layout.tensors;
    this.places = layout.tensors.flatMap((tensor) => tensor.regions.map((region) => ({ tensor, region })));
    this.byName = new Map(layout.tensors.map((t) => [t.name, t]));
    this.index = new Flatbush(Math.max(1, this.places.length));
    for (const { region: r } of this.places) this.index.add(r.x, r.y, r.x + r.width, r.y + r.height);
    if (this.places.length === 0) this.index.add(0, 0, 0, 0);
    this.index.finish();
    const layers = new Map<number, Box>();
    for (const tensor of layout.tensors) {
      if (tensor.layer === null) continue;
      const known = layers.get(tensor.layer);
      layers.set(tensor.layer, union(known ? [known, ...tensor.regions] : tensor.regions));
    }
    this.layers = new Map([...layers].sort(([a], [b]) => a - b));
  }

  tensor(name: string): Tensor | null {
    return this.byName.get(name) ?? null;
  }

  /** The regions that share area with a box. */
  within(box: Box): Place[] {
    if (this.places.length === 0) return [];
    const found: Place[] = [];
    for (const i of this.index.search(box.x, box.y, box.x + box.width, box.y + box.height)) {
      const place = this.places[i];
      if (place && overlaps(place.region, box)) found.push(place);
    }
    return found;
  }

  /** The element whose unit square holds the point, or null in the gaps. */
  at(x: number, y: number): Element | null {
    const [fx, fy] = [Math.floor(x), Math.floor(y)];
    const place = this.within({ x: fx, y: fy, width: 1, height: 1 })[0];
    if (!place) return null;
    const { region } = place;
    return { ...place, row: region.row + fy - region.y, col: region.col + fx - region.x };
  }

  /** Where an element lies, or null where the tensor has no such element. */
  locate(tensor: Tensor, row: number, col: number): { x: number; y: number } | null {
    for (const r of tensor.regions) {
      if (row >= r.row && row < r.row + r.height && col >= r.col && col < r.col + r.width) {
        return { x: r.x + col - r.col, y: r.y + row - r.row };
      }
    }
    return null;
  }
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The smallest box around all. */
export function union(boxes: readonly Box[]): Box {
  let [x, y, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const b of boxes) {
    x = Math.min(x, b.x);
    y = Math.min(y, b.y);
    right = Math.max(right, b.x + b.width);
    bottom = Math.max(bottom, b.y + b.height);
  }
  return { x, y, width: right - x, height: bottom - y };
}

/** The part of `a` in `b`, or null. */
export function intersection(a: Box, b: Box): Box | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}
