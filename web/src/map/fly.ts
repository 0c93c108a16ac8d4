/**
 * Smooth and efficient zooming and panning: the path between two views that a viewer perceives as even (van Wijk and Nuij,
 * "Smooth and efficient zooming and panning", 2003).
 */

import type { View } from "../state/link";

const RHO = Math.SQRT2;

/** The view at t in 0 ... 1 on the way from `from` to `to`, on a screen `width` pixels wide, and the path's length. */
export function flight(from: View, to: View, width: number): { length: number; at: (t: number) => View } {
  const w0 = width / 2 ** from.zoom;
  const w1 = width / 2 ** to.zoom;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const distance = Math.hypot(dx, dy);
  if (distance < 1e-6 * Math.min(w0, w1)) {
    const length = Math.abs(Math.log(w1 / w0)) / RHO;
    return { length, at: (t) => ({ x: to.x, y: to.y, zoom: from.zoom + (to.zoom - from.zoom) * t }) };
  }
  const r2 = RHO * RHO;
  const b = (w: number, sign: number): number =>
    (w1 * w1 - w0 * w0 + sign * r2 * r2 * distance * distance) / (2 * w * r2 * distance);
  const r = (value: number): number => Math.log(Math.sqrt(value * value + 1) - value);
  const r0 = r(b(w0, 1));
  const r1 = r(b(w1, -1));
  const length = (r1 - r0) / RHO;
  return {
    length,
    at: (t) => {
      if (t >= 1) return to;
      const s = t * length;
      const along = (w0 / r2) * (Math.cosh(r0) * Math.tanh(RHO * s + r0) - Math.sinh(r0));
      const share = Math.min(1, Math.max(0, along / distance));
      const w = (w0 * Math.cosh(r0)) / Math.cosh(RHO * s + r0);
      return { x: from.x + dx * share, y: from.y + dy * share, zoom: Math.log2(width / w) };
    },
  };
}

/** The view that shows a box with a margin, but no nearer than `most`. */
export function viewOf(
  box: { x: number; y: number; width: number; height: number },
  screen: { width: number; height: number },
  most: number,
): View {
  const zoom = Math.log2(Math.min((screen.width * 0.9) / box.width, (screen.height * 0.86) / box.height));
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, zoom: Math.min(zoom, most) };
}
