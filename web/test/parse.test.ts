import { describe, expect, it } from "vitest";
import { parseChanges, parseLayout, parsePlane } from "../src/data/parse";
import { mostChanged } from "../src/data/source";

const model = { id: "a", name: "A", root: "00", x: 0, y: 0, width: 10, height: 20, max_level: 1, first_level: 1 };
const plane = { models: [model], bounds: { x: 0, y: 0, width: 10, height: 20 }, server: true };

describe("plane.json", () => {
  it("is read with its defaults", () => {
    const read = parsePlane(plane);
    expect(read.models[0]).toMatchObject({ hidden: false, pxi: null, bounds: { x: 0, y: 0, width: 10, height: 20 } });
    expect(read.compare).toEqual([]);
  });

  it.each([
    [{ ...plane, models: [] }, /models: empty/],
    [{ ...plane, models: [{ ...model, id: "../x" }] }, /id: not a slug/],
    [{ ...plane, models: [{ ...model, max_level: "3" }] }, /max_level: not a number/],
    [{ ...plane, compare: [{ a: "a", b: "z" }] }, /no model z/],
    [null, /not an object/],
  ])("names what is wrong", (value, message) => {
    expect(() => parsePlane(value)).toThrow(message);
  });
});

describe("layout.json", () => {
  it("takes vectors as one row, and nulls for numbers that JSON lacks", () => {
    const stats = { count: 4, mean: null, rms: null, min: null, max: null, zeros: 0, nonfinite: 4 };
    const read = parseLayout({
      tensors: [{ name: "v", shape: [4], encoding: "f32", layer: null, kind: "norm", regions: [], stats }],
    });
    expect(read.tensors[0]).toMatchObject({ rows: 1, cols: 4, stats: { mean: NaN, nonfinite: 4, heads: null } });
  });

  it("names what is wrong", () => {
    expect(() => parseLayout({ tensors: [{ name: "v", shape: [4] }] })).toThrow(/tensors\[0\]/);
  });
});

describe("changes.json", () => {
  it("puts the most changed tensors first and leaves out the others", () => {
    const read = parseChanges({
      tensors: [
        { name: "same", rms: 0, relative: 0, max: 0 },
        { name: "little", rms: 0.1, relative: 0.01, max: 1 },
        { name: "was zero", rms: 0.1, relative: null, max: 1 },
      ],
    });
    expect(mostChanged(read).map((c) => c.tensor)).toEqual(["was zero", "little"]);
  });
});
