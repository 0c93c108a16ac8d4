/** Colour maps of 256 colours. */

import type { Quantity } from "./quantity";

export interface Palette {
  id: string;
  title: string;
  kind: "diverging" | "sequential";
  hint: string;
  anchors: string;
}

/**
 * "ember" is Pixel-LLM's own (made in OKLCH; dark middle, arms of blue and amber), "glow" its warm arm. Viridis, cividis and magma are matplotlib's
 * maps (CC0), cividis made for colour-vision deficiencies by Nuñez, Anderton and Renslow (2018).
 */
export const PALETTES: readonly Palette[] = [
  {
    id: "ember",
    title: "Ice and ember",
    kind: "diverging",
    hint: "diverging, dark middle; safe for colour-blind eyes",
    anchors:
      "d8f9ff 8de6fd 4cccf5 09afe5 0090cb 0472ad 175489 1f3859 1b1d22 552a14 7e3d00 9c5806 b97406 d3920d e7b236 f1d57c fcf4c1",
  },
  {
    id: "tide",
    title: "Blue and red",
    kind: "diverging",
    hint: "diverging, light middle; safe for colour-blind eyes",
    anchors: "0b2a5e 1d4f96 3c7ebf 79add9 b9d5ec f3f2ef f4c9b0 e4946f cb5b45 a02534 5f0a28",
  },
  {
    id: "glow",
    title: "Glow",
    kind: "sequential",
    hint: "sequential, from the background to amber",
    anchors: "1b1d22 552a14 7e3d00 9c5806 b97406 d3920d e7b236 f1d57c fcf4c1",
  },
  {
    id: "viridis",
    title: "Viridis",
    kind: "sequential",
    hint: "sequential, evenly lighter",
    anchors: "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
  },
  {
    id: "cividis",
    title: "Cividis",
    kind: "sequential",
    hint: "sequential, made for colour-blind eyes",
    anchors: "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
  },
  {
    id: "magma",
    title: "Magma",
    kind: "sequential",
    hint: "sequential, from black",
    anchors: "000004 1c1044 4f127b 812581 b5367a e55964 fb8761 fec287 fcfdbf",
  },
  { id: "grey", title: "Grey", kind: "sequential", hint: "sequential, no hue", anchors: "0b0c0f f6f6f4" },
];

/** The palette that suits a quantity when the user chose none. */
export function suited(q: Quantity): string {
  const diverging = q.scale === "signed" || (q.scale === "log" && q.norm === "relative" && !q.difference);
  return diverging ? "ember" : "glow";
}

export function palette(id: string): Palette {
  return PALETTES.find((p) => p.id === id) ?? PALETTES[0]!;
}

const tables = new Map<string, Uint8Array<ArrayBuffer>>();

/** 256 x RGBA. */
export function table(id: string): Uint8Array<ArrayBuffer> {
  const known = tables.get(id);
  if (known) return known;
  const anchors = palette(id)
    .anchors.split(" ")
    .map((hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const out = new Uint8Array(1024);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (anchors.length - 1);
    const k = Math.min(Math.floor(at), anchors.length - 2);
    for (let c = 0; c < 3; c++) {
      const [from, to] = [anchors[k]?.[c] ?? 0, anchors[k + 1]?.[c] ?? 0];
      out[4 * i + c] = Math.round(from + (to - from) * (at - k));
    }
    out[4 * i + 3] = 255;
  }
  tables.set(id, out);
  return out;
}

/** The colour of t in 0 ... 1 as [r, g, b]. */
export function colourAt(id: string, t: number): [number, number, number] {
  const rgba = table(id);
  const i = 4 * Math.round(255 * Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)));
  return [rgba[i] ?? 0, rgba[i + 1] ?? 0, rgba[i + 2] ?? 0];
}

export function gradient(id: string): string {
  return `linear-gradient(90deg, ${palette(id)
    .anchors.split(" ")
    .map((hex) => `#${hex}`)
    .join(", ")})`;
}
