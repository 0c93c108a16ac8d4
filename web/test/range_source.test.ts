import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Blocks } from "../src/data/blocks";
import { ModelMap } from "../src/data/model_map";
import { RangeReader } from "../src/data/range_reader";
import { RangeSource } from "../src/data/range_source";
import { MODEL, region, tensor } from "./model";

describe("range reader", () => {
  const file = { url: "f", bytes: 1_000_000 };
  const content = Uint8Array.from({ length: file.bytes }, (_, i) => (i * 7) % 251);
  const fetched: [number, number][] = [];
  const fetch = (_: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    fetched.push([start, end]);
    return Promise.resolve(content.slice(start, end));
  };
  beforeEach(() => {
    fetched.length = 0;
  });

  it("gives the bytes of many ranges, with one request for neighbours and none for what it holds", async () => {
    const reader = new RangeReader(1 << 20, fetch);
    const ranges = [
      { start: 65530, end: 65540 },
      { start: 10, end: 20 },
      { start: 999_999, end: 1_000_000 },
    ];
    const parts = await reader.read(file, ranges);
    parts.forEach((part, i) => {
      expect(part).toEqual(content.slice(ranges[i]!.start, ranges[i]!.end));
    });
    expect(fetched).toEqual([
      [0, 131072],
      [983040, 1_000_000],
    ]);
    await reader.read(file, ranges);
    expect(fetched).toHaveLength(2);
  });

  it("stays within its budget and reads again what it gave up", async () => {
    const reader = new RangeReader(65536, fetch);
    await reader.read(file, [{ start: 0, end: 1 }]);
    await reader.read(file, [{ start: 70000, end: 70001 }]);
    await reader.read(file, [{ start: 0, end: 1 }]);
    expect(fetched).toHaveLength(3);
  });

  it("asks again after a failure", async () => {
    const failing = vi.fn(fetch).mockRejectedValueOnce(new Error("gone"));
    const reader = new RangeReader(1 << 20, failing);
    await expect(reader.read(file, [{ start: 0, end: 4 }])).rejects.toThrow("gone");
    await expect(reader.read(file, [{ start: 0, end: 4 }])).resolves.toHaveLength(1);
  });
});

describe("blocks", () => {
  it("agree with sums over each block, non-finite weights left out", () => {
    const blocks = new Blocks(2, 1);
    blocks.addRow(0, 0, new Float32Array([1, -3, 0]));
    blocks.addRow(0, 1, new Float32Array([NaN, 2, Infinity]));
    expect([...blocks.result("mean")]).toEqual([0, 0, NaN, NaN]);
    expect(blocks.result("rms")[0]).toBe(Math.fround(Math.sqrt(14 / 3)));
    expect(blocks.result("min")[0]).toBe(-3);
    expect(blocks.result("max")[0]).toBe(2);
    expect(blocks.result("zeros")[1]).toBe(0.5);
    expect([...blocks.result("nonfinite")]).toEqual([0.25, 0.5, NaN, NaN]);
  });
});

describe("a static site", () => {
  // A float32 tensor of 300 x 40 at the file's byte 1000, cut into two regions.
  const [rows, cols, offset] = [300, 40, 1000];
  const weights = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i));
  const file = new Uint8Array(offset + weights.byteLength);
  file.set(new Uint8Array(weights.buffer), offset);
  const map = new ModelMap(
    { ...MODEL, firstLevel: 3, pxi: { url: "m.pxi", bytes: file.length } },
    {
      tensors: [
        tensor("w", rows, cols, [region(0, 0, cols, 150), region(64, 0, cols, 150, { row: 150 })], {
          planes: [{ offset, bytes: weights.byteLength, widthBytes: 4 * cols }],
        }),
      ],
    },
  );
  const signal = new AbortController().signal;
  beforeEach(() => {
    vi.stubGlobal("fetch", (_: string, init: { headers: { Range: string } }) => {
      const [, start, end] = /bytes=(\d+)-(\d+)/.exec(init.headers.Range) ?? [];
      return Promise.resolve(new Response(file.slice(Number(start), Number(end) + 1), { status: 206 }));
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("reads single weights and tiles of them", async () => {
    const source = new RangeSource();
    expect(await source.weight(map, 70.5, 3.5)).toMatchObject({
      tensor: "w",
      row: 153,
      col: 6,
      value: weights[153 * 40 + 6],
    });
    const tile = (await source.tile(map, { level: 0, x: 0, y: 0 }, signal))?.values("mean");
    expect(tile?.[3 * 256 + 70]).toBe(weights[153 * 40 + 6]);
    expect(tile?.[3 * 256 + 50]).toBeNaN();
    expect(await source.tile(map, { level: 0, x: 5, y: 0 }, signal)).toBeNull();
  });

  it("computes the statistics of fine levels from weights", async () => {
    const tile = (await new RangeSource().tile(map, { level: 2, x: 0, y: 0 }, signal))?.values("max");
    let most = -Infinity;
    for (let row = 4; row < 8; row++)
      for (let col = 8; col < 12; col++) most = Math.max(most, weights[row * cols + col]!);
    expect(tile?.[1 * 256 + 2]).toBe(most);
    expect(tile?.[1 * 256 + 12]).toBeNaN();
  });

  it("subtracts two models, weight by weight and in statistics of the differences", async () => {
    const other = new Uint8Array(offset + weights.byteLength);
    other.set(new Uint8Array(weights.map((w, i) => w + (i % 3)).buffer), offset);
    vi.stubGlobal("fetch", (url: string, init: { headers: { Range: string } }) => {
      const [, start, end] = /bytes=(\d+)-(\d+)/.exec(init.headers.Range) ?? [];
      const bytes = url === "b.pxi" ? other : file;
      return Promise.resolve(new Response(bytes.slice(Number(start), Number(end) + 1), { status: 206 }));
    });
    const second = new ModelMap(
      { ...map.model, id: "b", pxi: { url: "b.pxi", bytes: other.length } },
      { tensors: [...map.tensors] },
    );
    const source = new RangeSource();
    const at = async (level: number, statistic: "mean" | "rms" | "max"): Promise<Float32Array | undefined> =>
      (await source.difference([map, second], { level, x: 0, y: 0 }, signal))?.values(statistic);
    const fine = await at(0, "mean");
    expect([0, 1, 2, 3].map((i) => fine?.[i])).toEqual([0, 1, 2, 0].map((d) => expect.closeTo(d, 5) as number));
    expect(fine?.[50]).toBeNaN();
    const block = [0, 1, 40 % 3, 41 % 3];
    expect((await at(1, "rms"))?.[0]).toBeCloseTo(Math.sqrt(block.reduce((sum, d) => sum + d * d, 0) / 4), 5);
    expect((await at(1, "max"))?.[0]).toBeCloseTo(Math.max(...block), 5);
  });

  it("says what is wrong when the server answers no ranges", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("all of it", { status: 200 })));
    await expect(new RangeSource().weight(map, 0, 0)).rejects.toThrow(/range requests/);
  });
});
