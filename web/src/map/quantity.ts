/** What is drawn: which statistic, on which scale, over which range. */

import type { Statistic } from "../data/types";

/** The user's choice; "auto": RMS of blocks from afar, the signed weights close up. */
export type Choice = "auto" | Statistic;
/** Relative: divided by the tensor's RMS. */
export type Norm = "relative" | "absolute";
export type Range = readonly [low: number, high: number];

export const CHOICES: readonly { id: Choice; title: string; hint: string }[] = [
  { id: "auto", title: "Structure", hint: "RMS of blocks from afar, signed weights close up" },
  { id: "mean", title: "Mean", hint: "mean of each block; the weight itself close up" },
  { id: "rms", title: "RMS", hint: "root mean square of each block; the magnitude close up" },
  { id: "min", title: "Minimum", hint: "smallest weight of each block" },
  { id: "max", title: "Maximum", hint: "largest weight of each block" },
  { id: "zeros", title: "Zeros", hint: "share of weights that are zero" },
  { id: "nonfinite", title: "NaN, Inf", hint: "share of weights that are not finite" },
];

/** A number's way to a colour: u = v / reference, its log2, or the share v; then from the range to 0 ... 1. */
export interface Quantity {
  statistic: Statistic;
  scale: "signed" | "log" | "share";
  norm: Norm;
  /** Weights themselves, not statistics of blocks. */
  weights: boolean;
  /** Of the difference of two models. */
  difference: boolean;
}

export function quantityOf(choice: Choice, norm: Norm, level: number, difference: boolean): Quantity {
  const weights = level === 0;
  const statistic = choice === "auto" ? (weights ? "mean" : "rms") : choice;
  if (statistic === "zeros" || statistic === "nonfinite") {
    return { statistic, scale: "share", norm: "absolute", weights, difference };
  }
  return { statistic, scale: statistic === "rms" ? "log" : "signed", norm, weights, difference };
}

/** The range to begin with, or null where it has to follow what is in view. */
export function defaultRange(q: Quantity): Range | null {
  if (q.scale === "share") return [0, 1];
  if (q.norm === "absolute" || q.difference) return null;
  if (q.scale === "log") return q.weights ? [-3, 2] : [-0.8, 0.8];
  return q.weights ? [-3, 3] : null;
}

/** u of a number v with a tensor's reference; see Quantity. */
export function scaled(q: Quantity, v: number, reference: number): number {
  if (q.scale === "share") return v;
  const u = v / (q.norm === "relative" ? reference : 1);
  return q.scale === "log" ? Math.log2(Math.abs(u)) : u;
}

/** A range that holds nearly all of the numbers in view; symmetric where the sign matters. */
export function fitRange(q: Quantity, sorted: Float32Array): Range {
  if (q.scale === "share") return [0, Math.max(1e-6, quantile(sorted, 1))];
  if (sorted.length === 0) return q.scale === "log" ? [-1, 1] : [-1, 1];
  const low = quantile(sorted, 0.005);
  const high = quantile(sorted, 0.995);
  if (q.scale === "signed") {
    const end = Math.max(Math.abs(low), Math.abs(high)) || 1e-6;
    return [-end, end];
  }
  return high - low > 1e-3 ? [low, high] : [low - 0.5, high + 0.5];
}

function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export function title(q: Quantity): string {
  const { statistic, weights, difference } = q;
  if (difference && statistic === "rms") return weights ? "Size of the difference" : "RMS of the difference";
  const of = difference ? " of differences" : "";
  const names = weights
    ? { mean: "Weight", min: "Weight", max: "Weight", rms: "Magnitude", zeros: "Zero", nonfinite: "Not finite" }
    : {
        mean: "Mean",
        min: "Minimum",
        max: "Maximum",
        rms: "RMS",
        zeros: "Share of zeros",
        nonfinite: "Share of NaN, Inf",
      };
  if (difference && weights && names[statistic] === "Weight") return "Difference of weights";
  return names[statistic] + of;
}

/** What a place on the legend's axis says: u as a person reads it. */
export function tick(q: Quantity, u: number): string {
  if (q.scale === "share") return `${trim((100 * u).toPrecision(3))} %`;
  if (q.scale === "log") return q.norm === "relative" ? `${short(2 ** u)}×` : short(2 ** u);
  return q.norm === "relative" ? `${short(u)} σ` : short(u);
}

/** Three significant digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(1).replace("-", "−");
  return trim(value.toPrecision(3)).replace("-", "−");
}

function trim(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** The fewest digits that give the float32 back. */
export function exact(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return String(Number(text));
  }
  return String(value);
}
