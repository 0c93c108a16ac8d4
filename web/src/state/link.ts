/** The link that reproduces a view: the part of the address after "#". */

import { CHOICES, type Choice, type Norm, type Range } from "../map/quantity";
import { PALETTES } from "../map/palettes";

export interface View {
  /** The plane's point in the middle of the screen, in weights. */
  x: number;
  y: number;
  /** log2 of CSS pixels a weight. */
  zoom: number;
}

/** Everything that a link carries; null: the page's own choice. */
export interface Link {
  view: View | null;
  choice: Choice;
  norm: Norm;
  palette: string | null;
  range: Range | null;
  /** Ids of the compared models. */
  pair: readonly [string, string] | null;
  tensor: string | null;
}

export const MAX_ZOOM = 8;
export const MIN_ZOOM = -40;

/** A link's text without "#"; positions are rounded to a sixteenth of a screen pixel. */
export function writeLink(link: Link): string {
  const parts: string[] = [];
  if (link.view) {
    const { x, y, zoom } = link.view;
    const digits = Math.max(0, Math.ceil((zoom + 4) * Math.log10(2)));
    parts.push(`x=${Number(x.toFixed(digits))}`, `y=${Number(y.toFixed(digits))}`, `z=${Number(zoom.toFixed(3))}`);
  }
  if (link.choice !== "auto") parts.push(`s=${link.choice}`);
  if (link.norm !== "relative") parts.push(`n=${link.norm}`);
  if (link.palette) parts.push(`p=${link.palette}`);
  if (link.range) parts.push(`r=${link.range.map((v) => Number(v.toPrecision(6))).join(",")}`);
  if (link.pair) parts.push(`d=${link.pair.map(encodeURIComponent).join(",")}`);
  if (link.tensor) parts.push(`t=${encodeURIComponent(link.tensor)}`);
  return parts.join("&");
}

/** Reads what `writeLink` wrote. Whatever is not understood is left at its default: links come from strangers. */
export function readLink(hash: string): Link {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const [x, y, zoom] = ["x", "y", "z"].map((key) => number(query.get(key)));
  const view = x == null || y == null || zoom == null ? null : { x, y, zoom: clamp(zoom, MIN_ZOOM, MAX_ZOOM) };
  const [low, high] = (query.get("r") ?? "").split(",").map(number);
  const pair = (query.get("d") ?? "").split(",");
  return {
    view,
    choice: CHOICES.find((c) => c.id === query.get("s"))?.id ?? "auto",
    norm: query.get("n") === "absolute" ? "absolute" : "relative",
    palette: PALETTES.find((p) => p.id === query.get("p"))?.id ?? null,
    range: low != null && high != null && low < high ? [low, high] : null,
    pair: pair.length === 2 && pair[0] && pair[1] ? [pair[0], pair[1]] : null,
    tensor: query.get("t"),
  };
}

function number(text: string | null | undefined): number | null {
  if (!text) return null;
  const value = Number(text);
  return Number.isFinite(value) && Math.abs(value) <= 2 ** 52 ? value : null;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
