import { describe, expect, it } from "vitest";
import { flight } from "../src/map/fly";
import { colourAt, PALETTES, table } from "../src/map/palettes";
import { exact, fitRange, quantityOf, scaled, short, tick } from "../src/map/quantity";

describe("quantities", () => {
  it("are RMS from afar and signed weights close up", () => {
    expect(quantityOf("auto", "relative", 3, false)).toMatchObject({ statistic: "rms", scale: "log" });
    expect(quantityOf("auto", "relative", 0, false)).toMatchObject({
      statistic: "mean",
      scale: "signed",
      weights: true,
    });
  });

  it("scale by the tensor", () => {
    const rms = quantityOf("rms", "relative", 1, false);
    expect(scaled(rms, 0.5, 0.25)).toBe(1);
    expect(scaled(quantityOf("mean", "absolute", 1, false), -0.5, 0.25)).toBe(-0.5);
    expect(tick(rms, 1)).toBe("2×");
  });

  it("fit the range to nearly all of what is in view", () => {
    const mean = quantityOf("mean", "absolute", 1, false);
    const numbers = Float32Array.from({ length: 1001 }, (_, i) => (i - 400) / 1000).sort();
    const [low, high] = fitRange(mean, numbers);
    expect(low).toBe(-high);
    expect(high).toBeCloseTo(0.595, 2);
    expect(fitRange(mean, new Float32Array())).toEqual([-1, 1]);
    const same = fitRange(quantityOf("rms", "relative", 1, false), new Float32Array(10).fill(2));
    expect(same[1]).toBeGreaterThan(same[0]);
  });

  it("print every float32 so that it comes back", () => {
    const word = new DataView(new ArrayBuffer(4));
    for (let i = 0, bits = 12345; i < 5000; i++, bits = (bits * 1664525 + 1013904223) >>> 0) {
      word.setUint32(0, bits);
      const value = word.getFloat32(0);
      if (Number.isFinite(value)) expect(Math.fround(Number(exact(value)))).toBe(value);
    }
    expect(exact(Math.fround(0.1))).toBe("0.1");
    expect([exact(NaN), exact(-Infinity)]).toEqual(["NaN", "-Infinity"]);
  });

  it("print short numbers for people", () => {
    expect([0, 0.5, -0.12345, 1234567, 1e-7, NaN].map(short)).toEqual([
      "0",
      "0.5",
      "−0.123",
      "1.2e+6",
      "1.0e−7",
      "NaN",
    ]);
  });
});

describe("colour maps", () => {
  it.each(PALETTES.map((p) => [p.id, p] as const))("%s has 256 opaque colours, ends included", (id, p) => {
    const rgba = table(id);
    expect(rgba).toHaveLength(1024);
    const hex = (t: number): string =>
      colourAt(id, t)
        .map((c) => c.toString(16).padStart(2, "0"))
        .join("");
    expect([hex(0), hex(1)]).toEqual([p.anchors.split(" ")[0], p.anchors.split(" ").at(-1)]);
    expect(hex(-5)).toBe(hex(0));
  });

  it.each(PALETTES.filter((p) => p.kind === "sequential").map((p) => p.id))("%s grows lighter all the way", (id) => {
    const luma = Array.from({ length: 256 }, (_, i) => {
      const [r, g, b] = colourAt(id, i / 255);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    for (let i = 1; i < 256; i++) expect(luma[i]).toBeGreaterThanOrEqual((luma[i - 1] ?? 0) - 0.75);
  });
});

describe("flights", () => {
  it("begin and end where they should, zooming out on the way", () => {
    const from = { x: 0, y: 0, zoom: 4 };
    const to = { x: 10000, y: -3000, zoom: 5 };
    const { at } = flight(from, to, 1000);
    expect(at(0).x).toBeCloseTo(0, 6);
    expect(at(0).zoom).toBeCloseTo(4, 6);
    expect(at(1)).toEqual(to);
    expect(at(0.999).x).toBeCloseTo(to.x, -1);
    expect(at(0.5).zoom).toBeLessThan(2);
  });

  it("only zoom where the place stays", () => {
    const { at } = flight({ x: 5, y: 5, zoom: 0 }, { x: 5, y: 5, zoom: 3 }, 800);
    expect(at(0.5)).toEqual({ x: 5, y: 5, zoom: 1.5 });
  });
});
