/** Legend, histogram of what is in view, and the range to drag. */

import { useRef } from "preact/hooks";
import { colourAt, gradient } from "../map/palettes";
import { tick, title } from "../map/quantity";
import * as store from "../state/store";

const WIDTH = 264;
const HEIGHT = 74;

export function Legend() {
  const quantity = store.quantity.value;
  const [low, high] = store.range.value;
  const id = store.paletteId.value;
  const margin = quantity.scale === "share" ? 0 : 0.12 * (high - low);
  const from = low - margin;
  const to = high + margin;
  const at = (u: number): number => ((u - from) / (to - from)) * WIDTH;
  const middle = quantity.scale === "share" ? null : (low + high) / 2;
  const ticks = [low, ...(middle === null ? [] : [middle]), high];
  return (
    <section class="legend" aria-label="Legend">
      <h2>
        {title(quantity)}
        <span>{quantity.scale === "share" ? "" : quantity.norm === "relative" ? "÷ tensor’s RMS" : "absolute"}</span>
      </h2>
      <div class="scale">
        <Bars from={from} to={to} />
        <div
          class="strip"
          style={{ backgroundImage: gradient(id), left: `${at(low)}px`, width: `${at(high) - at(low)}px` }}
        />
        <div class="end" style={{ left: 0, width: `${at(low)}px`, background: css(id, 0) }} />
        <div class="end" style={{ left: `${at(high)}px`, right: 0, background: css(id, 1) }} />
        <Handle end={0} at={at(low)} perPixel={(to - from) / WIDTH} />
        <Handle end={1} at={at(high)} perPixel={(to - from) / WIDTH} />
      </div>
      <div class="ticks">
        {ticks.map((u, i) => (
          <span key={i} style={{ left: `${at(u)}px`, transform: `translateX(${shift(at(u))})` }}>
            {tick(quantity, u)}
          </span>
        ))}
      </div>
      <div class="range">
        <button
          id="fit-range"
          title="Choose the range so that it fits what is in view (R)"
          disabled={!store.fit.value}
          onClick={() => {
            if (store.fit.value) store.chosenRange.value = { scale: quantity.scale, range: store.fit.value };
          }}
        >
          Fit to view
        </button>
        <button
          id="reset-range"
          disabled={store.chosenRange.value === null}
          onClick={() => {
            store.chosenRange.value = null;
          }}
        >
          Reset
        </button>
      </div>
    </section>
  );
}

function Bars({ from, to }: { from: number; to: number }) {
  const histogram = store.histogram.value;
  if (!histogram || histogram.total === 0) return <svg class="bars" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
  const id = store.paletteId.value;
  const [low, high] = store.range.value;
  const inner = histogram.counts.subarray(1, -1);
  const most = Math.max(1, ...inner);
  const step = (histogram.to - histogram.from) / histogram.counts.length;
  const x = (u: number): number => ((u - from) / (to - from)) * WIDTH;
  const bars = Array.from(histogram.counts, (count, i) => {
    const u = histogram.from + i * step;
    const height = Math.min(HEIGHT, (count / most) * (HEIGHT - 4));
    const [left, right] = [x(u), x(u + step)];
    if (right < 0 || left > WIDTH || count === 0) return null;
    const fill = `rgb(${colourAt(id, (u + step / 2 - low) / (high - low)).join(" ")})`;
    return (
      <rect
        key={i}
        x={left}
        width={Math.max(0.5, right - left - 0.5)}
        y={HEIGHT - height}
        height={height}
        fill={fill}
      />
    );
  });
  return (
    <svg class="bars" width={WIDTH} height={HEIGHT} role="img" aria-label="Histogram of what is in view">
      {bars}
    </svg>
  );
}

/** One end of the range; arrow keys move it too. */
function Handle({ end, at, perPixel }: { end: 0 | 1; at: number; perPixel: number }) {
  const start = useRef<{ x: number; value: number; perPixel: number } | null>(null);
  const move = (value: number): void => {
    const range = [...store.range.peek()] as [number, number];
    const least = 1e-6 * Math.max(1e-6, Math.abs(range[1] - range[0]));
    range[end] = end === 0 ? Math.min(value, range[1] - least) : Math.max(value, range[0] + least);
    // Signed numbers keep zero in the middle, so that its colour stays zero's colour.
    if (store.quantity.peek().scale === "signed" && range[end] !== 0) {
      const reach = Math.abs(range[end]);
      range[0] = -reach;
      range[1] = reach;
    }
    store.chosenRange.value = { scale: store.quantity.peek().scale, range };
  };
  const value = store.range.value[end];
  return (
    <div
      class="handle"
      role="slider"
      tabIndex={0}
      aria-label={end === 0 ? "Low end of the range" : "High end of the range"}
      aria-valuenow={value}
      aria-valuetext={tick(store.quantity.value, value)}
      style={{ left: `${at}px` }}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        start.current = { x: e.clientX, value, perPixel };
      }}
      onPointerMove={(e) => {
        if (start.current) move(start.current.value + (e.clientX - start.current.x) * start.current.perPixel);
      }}
      onPointerUp={() => (start.current = null)}
      onKeyDown={(e) => {
        const sign = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
        if (sign === 0) return;
        e.preventDefault();
        e.stopPropagation();
        move(value + sign * perPixel * (e.shiftKey ? 20 : 4));
      }}
    />
  );
}

/** Ticks are centred, but stay within the legend. */
function shift(at: number): string {
  return at < 16 ? "0" : at > WIDTH - 16 ? "-100%" : "-50%";
}

function css(id: string, t: number): string {
  return `rgb(${colourAt(id, t).join(" ")})`;
}
