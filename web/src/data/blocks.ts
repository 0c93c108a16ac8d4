/** Statistics of blocks of weights, as `pixel-llm map build` makes them; sums are double precision. */

import type { Statistic } from "./types";

/** Accumulates weights into a square of blocks. Non-finite weights count, and are left out of the other numbers. */
export class Blocks {
  private readonly count: Uint32Array;
  private readonly finite: Uint32Array;
  private readonly zeros: Uint32Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;
  private readonly lowest: Float32Array;
  private readonly highest: Float32Array;

  constructor(
    private readonly side: number,
    private readonly shift: number,
  ) {
    const size = side * side;
    this.count = new Uint32Array(size);
    this.finite = new Uint32Array(size);
    this.zeros = new Uint32Array(size);
    this.sum = new Float64Array(size);
    this.squares = new Float64Array(size);
    this.lowest = new Float32Array(size).fill(Infinity);
    this.highest = new Float32Array(size).fill(-Infinity);
  }

  /** Adds a run of weights of one row that begins at (x, y), in weights from the square's corner. */
  addRow(x: number, y: number, values: Float32Array): void {
    const row = (y >> this.shift) * this.side;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? NaN;
      const b = row + ((x + i) >> this.shift);
      this.count[b]! += 1;
      if (!Number.isFinite(value)) continue;
      this.finite[b]! += 1;
      if (value === 0) this.zeros[b]! += 1;
      this.sum[b]! += value;
      this.squares[b]! += value * value;
      if (value < this.lowest[b]!) this.lowest[b] = value;
      if (value > this.highest[b]!) this.highest[b] = value;
    }
  }

  /** The statistic of every block; NaN where there is no weight, or no finite one that it could be of. */
  result(statistic: Statistic): Float32Array {
    return Float32Array.from(this.count, (count, b) => {
      if (count === 0) return NaN;
      const finite = this.finite[b]!;
      if (statistic === "zeros") return this.zeros[b]! / count;
      if (statistic === "nonfinite") return (count - finite) / count;
      if (finite === 0) return NaN;
      if (statistic === "mean") return this.sum[b]! / finite;
      if (statistic === "rms") return Math.sqrt(this.squares[b]! / finite);
      return statistic === "min" ? this.lowest[b]! : this.highest[b]!;
    });
  }
}
