/** Borders, labels, rulers, the printed values of single weights and the cursor: what is drawn over the numbers. */

import { intersection, union, type ModelMap, type Place } from "../data/model_map";
import type { TileKey, TileValues } from "../data/source";
import { TILE, type Box, type Tensor } from "../data/types";
import * as store from "../state/store";
import { labelsOf, shortName, stemOf } from "./names";
import { colourAt } from "./palettes";
import { scaled, short } from "./quantity";

const FONT = '"Inter Variable", system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
/** Pixels of the rulers at the top and on the left. */
export const RULER = { top: 24, left: 40 } as const;

/** What the drawing depends on. */
const SOURCES = [
  store.view,
  store.size,
  store.shown,
  store.hovered,
  store.selected,
  store.quantity,
  store.range,
  store.paletteId,
  store.loading,
] as const;

type Maps = readonly [ModelMap] | readonly [ModelMap, ModelMap];
type Peek = (maps: Maps, key: TileKey) => TileValues | null;

export class Overlay {
  readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly boxes = new WeakMap<Tensor, Box>();
  private readonly columns = new WeakMap<ModelMap, Map<string, Box>>();
  private pending = 0;

  constructor(
    root: HTMLElement,
    private readonly peek: Peek,
  ) {
    this.canvas.className = "map-overlay";
    root.append(this.canvas);
    const context = this.canvas.getContext("2d");
    if (!context) throw new Error("this browser draws no 2D canvas");
    this.context = context;
    for (const part of SOURCES) {
      part.subscribe(() => {
        this.pending ||= requestAnimationFrame(() => {
          this.pending = 0;
          this.draw();
        });
      });
    }
  }

  private draw(): void {
    const { width, height } = store.size.peek();
    const density = window.devicePixelRatio;
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width !== w || this.canvas.height !== h) [this.canvas.width, this.canvas.height] = [w, h];
    const c = this.context;
    c.setTransform(density, 0, 0, density, 0, 0);
    c.clearRect(0, 0, width, height);
    const scale = 2 ** store.view.peek().zoom;
    for (const map of store.shown.peek()) {
      const screen = this.screenOf(map, scale);
      const visible = screen.visible;
      const places = map.within(visible);
      this.borders(places, screen);
      if (scale >= 14) this.grid(places, screen);
      if (scale >= 40) this.values(map, places, screen);
      this.outlines(map, screen);
      this.labels(places, screen);
      this.rulers(map, screen);
    }
  }

  private screenOf(map: ModelMap, scale: number): Screen {
    const { x, y } = store.view.peek();
    const { width, height } = store.size.peek();
    const left = x - map.model.x - width / 2 / scale;
    const top = y - map.model.y - height / 2 / scale;
    const visible = { x: left, y: top, width: width / scale, height: height / scale };
    return {
      scale,
      width,
      height,
      visible,
      box: (b) => ({
        x: (b.x - left) * scale,
        y: (b.y - top) * scale,
        width: b.width * scale,
        height: b.height * scale,
      }),
    };
  }

  private borders(places: readonly Place[], screen: Screen): void {
    const c = this.context;
    c.lineWidth = 1;
    for (const { region } of places) {
      const b = screen.box(region);
      const least = Math.min(b.width, b.height);
      if (least < 20) continue;
      c.strokeStyle = `rgba(232, 236, 245, ${Math.min(0.34, 0.06 + (least - 20) / 600)})`;
      strokeBox(c, b);
    }
  }

  /** Lines between single weights. */
  private grid(places: readonly Place[], screen: Screen): void {
    const c = this.context;
    c.strokeStyle = `rgba(8, 9, 13, ${Math.min(0.5, (screen.scale - 14) / 50)})`;
    c.lineWidth = 1;
    c.beginPath();
    for (const { region } of places) {
      const part = intersection(region, screen.visible);
      if (!part) continue;
      const b = screen.box(part);
      for (let x = Math.ceil(part.x); x <= part.x + part.width; x++) {
        const px = Math.round(screen.box({ x, y: 0, width: 0, height: 0 }).x) + 0.5;
        c.moveTo(px, b.y);
        c.lineTo(px, b.y + b.height);
      }
      for (let y = Math.ceil(part.y); y <= part.y + part.height; y++) {
        const py = Math.round(screen.box({ x: 0, y, width: 0, height: 0 }).y) + 0.5;
        c.moveTo(b.x, py);
        c.lineTo(b.x + b.width, py);
      }
    }
    c.stroke();
  }

  /** The weights' numbers, where their squares are large enough. */
  private values(map: ModelMap, places: readonly Place[], screen: Screen): void {
    const c = this.context;
    const quantity = store.quantity.peek();
    const [low, high] = store.range.peek();
    const palette = store.paletteId.peek();
    const maps = store.pair.peek()?.maps ?? ([map] as const);
    const tiles = new Map<string, Float32Array | null>();
    const size = Math.min(14, screen.scale / 5);
    c.font = `500 ${size}px ${FONT}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    for (const { tensor, region } of places) {
      const part = intersection(region, screen.visible);
      if (!part) continue;
      const reference = tensor.stats?.rms ?? 1;
      for (let y = Math.floor(part.y); y < part.y + part.height; y++) {
        for (let x = Math.floor(part.x); x < part.x + part.width; x++) {
          const key = { level: 0, x: Math.floor(x / TILE), y: Math.floor(y / TILE) };
          const name = `${key.x}/${key.y}`;
          if (!tiles.has(name)) tiles.set(name, this.peek(maps, key)?.values("mean") ?? null);
          const value = tiles.get(name)?.[(y - key.y * TILE) * TILE + x - key.x * TILE];
          if (value === undefined) continue;
          const t = (scaled(quantity, value, reference) - low) / (high - low);
          const [r, g, b] = colourAt(palette, t);
          c.fillStyle =
            0.299 * r + 0.587 * g + 0.114 * b > 140 ? "rgba(10, 12, 18, 0.92)" : "rgba(240, 243, 250, 0.92)";
          const at = screen.box({ x: x + 0.5, y: y + 0.5, width: 0, height: 0 });
          c.fillText(short(value), at.x, at.y);
        }
      }
    }
  }

  private outlines(map: ModelMap, screen: Screen): void {
    const c = this.context;
    const selected = store.selected.peek();
    if (selected && store.shown.peek().includes(map) && map.tensor(selected.tensor.name)) {
      c.strokeStyle = "#ffd166";
      c.lineWidth = 2;
      for (const region of map.tensor(selected.tensor.name)?.regions ?? []) strokeBox(c, screen.box(region));
    }
    const hit = store.hovered.peek();
    if (hit?.map !== map) return;
    const { region, row, col } = hit.element;
    c.strokeStyle = "rgba(255, 255, 255, 0.85)";
    c.lineWidth = 1;
    if (screen.scale < 6) {
      const b = screen.box(region);
      if (Math.min(b.width, b.height) >= 2) strokeBox(c, b);
    } else {
      c.lineWidth = 2;
      strokeBox(c, screen.box({ x: region.x + col - region.col, y: region.y + row - region.row, width: 1, height: 1 }));
    }
  }

  private labels(places: readonly Place[], screen: Screen): void {
    const c = this.context;
    const frame = { x: RULER.left, y: RULER.top, width: screen.width - RULER.left, height: screen.height - RULER.top };
    c.textAlign = "left";
    c.textBaseline = "middle";
    for (const tensor of new Set(places.map((p) => p.tensor))) {
      const part = intersection(screen.box(this.boxOf(tensor)), frame);
      // In small rectangles a label would hide what it names; the rulers say it there.
      if (!part || part.height < 84 || part.width < 60) continue;
      c.font = `600 12px ${FONT}`;
      const text = labelsOf(tensor.name, tensor.layer).find((t) => c.measureText(t).width + 22 <= part.width);
      if (text) pill(c, text, part.x + 5, part.y + 5, "rgba(11, 13, 18, 0.82)", "#eef1f7");
    }
    for (const { region } of places) {
      if (region.head === null || screen.scale >= 24) continue;
      const part = intersection(screen.box(region), frame);
      if (!part || part.height < 56 || part.width < 40) continue;
      c.font = `500 11px ${FONT}`;
      const text = [`head ${region.head}`, `${region.head}`].find((t) => c.measureText(t).width + 22 <= part.width);
      if (text) pill(c, text, part.x + 5, part.y + part.height - 24, "rgba(11, 13, 18, 0.66)", "#c3cad8");
    }
  }

  /** Column names along the top and layers along the left, like a sheet's frozen heads. */
  private rulers(map: ModelMap, screen: Screen): void {
    const c = this.context;
    const whole = screen.box(map.model.bounds);
    if (whole.width < 80 || whole.height < 60) return;
    // Of several models only one that is as wide as the screen has rulers; the others have their names.
    if (store.shown.peek().length > 1 && (whole.x > 0 || whole.x + whole.width < screen.width)) {
      c.font = `600 13px ${FONT}`;
      c.textAlign = "left";
      c.textBaseline = "middle";
      if (whole.width > 60)
        pill(c, map.model.name, Math.max(6, whole.x), Math.max(6, whole.y - 26), "#1b202b", "#eef1f7");
      return;
    }
    // Beside the map while it fits, at the screen's edges otherwise.
    const x = Math.max(0, whole.x - RULER.left);
    const y = Math.max(0, whole.y - RULER.top);
    c.fillStyle = "rgba(13, 15, 20, 0.96)";
    c.fillRect(x, y, screen.width, RULER.top);
    c.fillRect(x, y + RULER.top, RULER.left, screen.height);
    c.font = `600 11px ${FONT}`;
    c.textBaseline = "middle";
    c.textAlign = "center";
    c.fillStyle = "#aab3c5";
    if (screen.scale >= 16) {
      this.elementRulers(map, screen);
      return;
    }
    for (const [text, box] of this.columnsOf(map)) {
      const b = screen.box(box);
      const left = Math.max(b.x, x + RULER.left);
      const right = Math.min(b.x + b.width, screen.width);
      if (right - left < c.measureText(text).width + 6) continue;
      c.fillText(text, (left + right) / 2, y + RULER.top / 2);
      c.fillRect(left + 1, y + RULER.top - 2, right - left - 2, 1);
    }
    c.textAlign = "right";
    let free = y + RULER.top;
    for (const [layer, box] of map.layers) {
      const b = screen.box(box);
      const top = Math.max(b.y, y + RULER.top);
      const bottom = Math.min(b.y + b.height, screen.height);
      const middle = (top + bottom) / 2;
      if (bottom - top < Math.min(10, b.height * 0.5) || middle - 7 < free) continue;
      c.fillText(String(layer), x + RULER.left - 9, middle);
      free = middle + 7;
      if (b.height >= 6) c.fillRect(x + RULER.left - 3, top + 1, 1, bottom - top - 2);
    }
  }

  /** Columns and rows of the tensor under the cursor, or in the middle, where single weights are large enough. */
  private elementRulers(map: ModelMap, screen: Screen): void {
    const { x, y, width, height } = screen.visible;
    const hit = store.hovered.peek();
    const region = hit?.map === map ? hit.element.region : map.at(x + width / 2, y + height / 2)?.region;
    if (!region) return;
    const c = this.context;
    const here = hit?.map === map ? hit.element : null;
    const every = Math.ceil(34 / screen.scale);
    const part = intersection(region, screen.visible);
    if (!part) return;
    for (let px = Math.floor(part.x); px < part.x + part.width; px++) {
      const col = px - region.x + region.col;
      const at = screen.box({ x: px + 0.5, y: 0, width: 0, height: 0 }).x;
      if (at < RULER.left + 8 || (col % every !== 0 && col !== here?.col)) continue;
      c.fillStyle = col === here?.col ? "#ffd166" : "#aab3c5";
      c.fillText(String(col), at, RULER.top / 2);
    }
    const rows = Math.ceil(18 / screen.scale);
    c.textAlign = "right";
    for (let py = Math.floor(part.y); py < part.y + part.height; py++) {
      const row = py - region.y + region.row;
      const at = screen.box({ x: 0, y: py + 0.5, width: 0, height: 0 }).y;
      if (at < RULER.top + 8 || (row % rows !== 0 && row !== here?.row)) continue;
      c.fillStyle = row === here?.row ? "#ffd166" : "#aab3c5";
      c.fillText(String(row), RULER.left - 5, at);
    }
  }

  private boxOf(tensor: Tensor): Box {
    let box = this.boxes.get(tensor);
    if (!box) {
      box = union(tensor.regions);
      this.boxes.set(tensor, box);
    }
    return box;
  }

  /** The matrices' columns: short name and what they cover. */
  private columnsOf(map: ModelMap): Map<string, Box> {
    const known = this.columns.get(map);
    if (known) return known;
    const found = new Map<string, Box>();
    for (const tensor of map.tensors) {
      if (tensor.layer === null || tensor.rows === 1) continue;
      const name = shortName(tensor.name) || stemOf(tensor.name);
      const box = this.boxOf(tensor);
      const old = found.get(name);
      found.set(name, old ? union([old, box]) : box);
    }
    this.columns.set(map, found);
    return found;
  }
}

interface Screen {
  scale: number;
  width: number;
  height: number;
  /** The model's frame that is on the screen. */
  visible: Box;
  /** A box of the frame in pixels. */
  box: (b: Box) => Box;
}

function strokeBox(c: CanvasRenderingContext2D, b: Box): void {
  // Far edges are cut near the screen: canvases lose precision beyond some ten thousand pixels.
  const left = Math.max(-10, Math.round(b.x)) + 0.5;
  const top = Math.max(-10, Math.round(b.y)) + 0.5;
  const right = Math.min(20_000, Math.round(b.x + b.width)) - 0.5;
  const bottom = Math.min(20_000, Math.round(b.y + b.height)) - 0.5;
  c.strokeRect(left, top, right - left, bottom - top);
}

function pill(c: CanvasRenderingContext2D, text: string, x: number, y: number, back: string, front: string): void {
  const width = c.measureText(text).width + 12;
  c.fillStyle = back;
  c.beginPath();
  c.roundRect(x, y, width, 19, 5);
  c.fill();
  c.fillStyle = front;
  c.fillText(text, x + 6, y + 10);
}
