/** The map itself: deck.gl with one tile layer for each model, the overlay, and the pointer. */

import { effect } from "@preact/signals";
import { Deck, OrthographicView } from "@deck.gl/core";
import { TileLayer } from "@deck.gl/geo-layers";
import type { Device, Texture } from "@luma.gl/core";
import type { ModelMap } from "../data/model_map";
import type { TileKey } from "../data/source";
import { TILE } from "../data/types";
import { clamp, MAX_ZOOM, MIN_ZOOM, type View } from "../state/link";
import * as store from "../state/store";
import { flight } from "./fly";
import { Gauge } from "./gauge";
import { Overlay } from "./overlay";
import { table } from "./palettes";
import { quantityOf } from "./quantity";
import { pairsOf, references } from "./tile_pairs";
import { TileCache } from "./tiles";
import { ValueLayer } from "./value_layer";

/** One tile, ready to be drawn. */
export interface Drawable {
  key: TileKey;
  map: ModelMap;
  pairs: Float32Array;
  /** Left, top, right, bottom on the plane. */
  bounds: readonly [number, number, number, number];
  byteLength: number;
}

export class MapView {
  private readonly deck: Deck<OrthographicView>;
  private readonly overlay: Overlay;
  private readonly cache = new TileCache();
  private readonly gauge = new Gauge();
  private readonly palettes = new Map<string, Texture>();
  private device: Device | null = null;
  private layers: readonly TileLayer[] = [];
  private frames = 0;
  private watching = 0;
  private flying = 0;
  private target: View | null = null;

  constructor(private readonly root: HTMLElement) {
    const canvas = document.createElement("canvas");
    canvas.className = "map-canvas";
    canvas.setAttribute("aria-hidden", "true");
    root.append(canvas);
    this.overlay = new Overlay(root, (maps, key) => this.cache.peek(maps, key) ?? null);
    this.deck = new Deck({
      canvas,
      views: new OrthographicView({
        id: "map",
        controller: { doubleClickZoom: true, scrollZoom: { speed: 0.01, smooth: false }, keyboard: false },
      }),
      viewState: deckView(store.view.value),
      style: { position: "absolute" },
      getCursor: ({ isDragging }) => (isDragging ? "grabbing" : "crosshair"),
      parameters: { depthCompare: "always", depthWriteEnabled: false },
      onViewStateChange: ({ viewState }) => {
        this.stop();
        const { target, zoom } = viewState as unknown as { target: [number, number]; zoom: number | [number, number] };
        this.show({ x: target[0], y: target[1], zoom: Array.isArray(zoom) ? zoom[0] : zoom });
      },
      onDeviceInitialized: (device) => {
        this.device = device;
        this.render();
      },
      onError: (error) => {
        store.failure.value = error.message;
      },
      layers: [],
    });
    this.follow();
  }

  /** Jumps to a view. */
  show(next: View): void {
    store.view.value = { ...next, zoom: clamp(next.zoom, MIN_ZOOM, MAX_ZOOM) };
  }

  /** Where the map is, or will be when its flight has ended. */
  get destination(): View {
    return this.target ?? store.view.value;
  }

  /** Flies to a view; at once where the user wants no motion. */
  fly(to: View): void {
    this.stop();
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.show(to);
      return;
    }
    const { length, at } = flight(store.view.value, to, store.size.value.width);
    const duration = clamp(length * 320, 150, 1600);
    const start = performance.now();
    const step = (now: number): void => {
      const t = Math.min(1, (now - start) / duration);
      this.show(at(t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) ** 2));
      if (t < 1) this.flying = requestAnimationFrame(step);
      else this.stop();
    };
    this.target = to;
    this.flying = requestAnimationFrame(step);
  }

  /** What is on the screen as a PNG: map, borders, labels. */
  async picture(): Promise<Blob> {
    this.deck.redraw("picture");
    const drawn = this.deck.getCanvas();
    const out = document.createElement("canvas");
    if (!drawn) throw new Error("the map is not drawn yet");
    [out.width, out.height] = [drawn.width, drawn.height];
    const context = out.getContext("2d");
    if (!context) throw new Error("this browser draws no 2D canvas");
    context.fillStyle = "#0d0f14";
    context.fillRect(0, 0, out.width, out.height);
    context.drawImage(drawn, 0, 0);
    context.drawImage(this.overlay.canvas, 0, 0, out.width, out.height);
    return new Promise((resolve, reject) => {
      out.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error("this browser could not make the picture"));
      }, "image/png");
    });
  }

  private stop(): void {
    cancelAnimationFrame(this.flying);
    this.target = null;
  }

  private follow(): void {
    new ResizeObserver(() => {
      store.size.value = { width: this.root.clientWidth, height: this.root.clientHeight };
    }).observe(this.root);
    this.root.addEventListener("pointermove", (event) => {
      const { left, top } = this.root.getBoundingClientRect();
      store.cursor.value = toPlane(event.clientX - left, event.clientY - top);
    });
    this.root.addEventListener("pointerleave", () => {
      store.cursor.value = null;
    });
    effect(() => {
      this.deck.setProps({ viewState: deckView(store.view.value) });
      this.unsettle();
      this.gauge.changed();
    });
    effect(() => {
      this.render();
    });
  }

  private render(): void {
    const { value: source } = store.source;
    const shown = store.shown.value;
    const pair = store.pair.value;
    const choice = store.choice.value;
    const norm = store.norm.value;
    if (!source || !this.device) return;
    // Tiles of other levels stand in for those on their way: in "auto" they can be of another quantity.
    const looks = [this.look(0), this.look(1)];
    const layers = shown.map((map) => {
      const { x, y, bounds, id } = map.model;
      return new TileLayer<Drawable | null>({
        id: `tiles-${pair ? `${pair.entry.a}-${pair.entry.b}` : id}`,
        tileSize: TILE,
        minZoom: -coarsest(map),
        maxZoom: 0,
        zoomOffset: store.zoomOffset,
        extent: [x + bounds.x, y + bounds.y, x + bounds.x + bounds.width, y + bounds.y + bounds.height],
        maxRequests: 8,
        maxCacheByteSize: 192 << 20,
        refinementStrategy: "best-available",
        getTileData: async ({ index, signal }) => {
          const key = toKey(map, index);
          store.loading.value += 1;
          try {
            const values = await this.cache.get(
              source,
              pair?.maps ?? [map],
              key,
              signal ?? new AbortController().signal,
            );
            if (!values) return null;
            const quantity = quantityOf(choice, norm, key.level, pair !== null);
            const pairs = pairsOf(values.values(quantity.statistic), references(map, key), quantity);
            const side = TILE * 2 ** key.level;
            const [left, top] = [x + key.x * side, y + key.y * side];
            return { key, map, pairs, bounds: [left, top, left + side, top + side], byteLength: pairs.byteLength };
          } finally {
            store.loading.value -= 1;
          }
        },
        updateTriggers: { getTileData: [choice, norm] },
        renderSubLayers: (props) => {
          const data = props.data as Drawable | null;
          if (!data) return null;
          return new ValueLayer({
            id: props.id,
            pairs: data.pairs,
            bounds: data.bounds,
            ...looks[Math.min(1, data.key.level)],
          });
        },
        onViewportLoad: (tiles) => {
          this.gauge.loaded(
            id,
            tiles.map((t) => t.content ?? null).filter((d) => d !== null),
          );
        },
        onTileError: (error: Error) => {
          if (error.name !== "AbortError") store.failure.value = error.message;
        },
        // A change of looks makes deck.gl ask for the sublayers again.
        looks: JSON.stringify(looks.map(({ palette, ...rest }) => ({ ...rest, palette: palette?.id }))),
      } as ConstructorParameters<typeof TileLayer<Drawable | null>>[0]);
    });
    this.layers = layers;
    this.deck.setProps({ layers });
    this.unsettle();
  }

  /** Something changed: the map settles when deck.gl has had frames to choose its tiles, and all are there. */
  private unsettle(): void {
    store.settled.value = false;
    this.frames = 0;
    const watch = (): void => {
      this.frames += 1;
      const done = this.frames > 2 && this.layers.length > 0 && this.layers.every((layer) => layer.isLoaded);
      this.watching = done ? 0 : requestAnimationFrame(watch);
      if (done) store.settled.value = true;
    };
    this.watching ||= requestAnimationFrame(watch);
  }

  /** How tiles of a level are coloured. */
  private look(level: number) {
    const quantity = quantityOf(store.choice.value, store.norm.value, level, store.pair.value !== null);
    const [low, high] = store.rangeOf(quantity);
    const palette = this.palette(store.paletteOf(quantity));
    return { palette, low, high, logarithmic: quantity.scale === "log" };
  }

  private palette(id: string): Texture | null {
    const known = this.palettes.get(id);
    if (known || !this.device) return known ?? null;
    const texture = this.device.createTexture({
      format: "rgba8unorm",
      width: 256,
      height: 1,
      sampler: { minFilter: "linear", magFilter: "linear", addressModeU: "clamp-to-edge" },
    });
    texture.writeData(table(id));
    this.palettes.set(id, texture);
    return texture;
  }
}

function deckView(view: View): Record<string, unknown> {
  return { map: { target: [view.x, view.y, 0], zoom: view.zoom, minZoom: MIN_ZOOM, maxZoom: MAX_ZOOM } };
}

/** A point of the screen on the plane. */
export function toPlane(px: number, py: number): { x: number; y: number } {
  const { x, y, zoom } = store.view.value;
  const { width, height } = store.size.value;
  return { x: x + (px - width / 2) / 2 ** zoom, y: y + (py - height / 2) / 2 ** zoom };
}

/** The coarsest level whose tiles are the plane's tiles too: models lie on multiples of some power of two. */
export function coarsest({ model: { x, y, maxLevel } }: ModelMap): number {
  let level = maxLevel;
  while (level > 0 && (x % (TILE * 2 ** level) !== 0 || y % (TILE * 2 ** level) !== 0)) level--;
  return level;
}

/** A tile of the plane in the model's frame. */
function toKey({ model }: ModelMap, index: { x: number; y: number; z: number }): TileKey {
  const level = -index.z;
  const side = TILE * 2 ** level;
  return { level, x: index.x - model.x / side, y: index.y - model.y / side };
}
