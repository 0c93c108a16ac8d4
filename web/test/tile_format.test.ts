import { describe, expect, it } from "vitest";
import { inflate, Tile } from "../src/data/tile_format";

const PLANE = 256 * 256;

function tile(types: readonly number[], fill: (plane: number, view: DataView, offset: number) => void): ArrayBuffer {
  const sizes = [4, 2, 1];
  const head = 8 + 8 * types.length;
  const buffer = new ArrayBuffer(head + types.reduce((sum, t) => sum + (sizes[t] ?? 0) * PLANE, 0));
  const view = new DataView(buffer);
  view.setUint32(0, 0x50585431);
  view.setUint8(4, 5);
  view.setUint8(5, types.length);
  view.setUint16(6, 256, true);
  let offset = head;
  types.forEach((type, i) => {
    view.setUint8(8 + 8 * i, type);
    view.setFloat32(12 + 8 * i, [1, 0.5, 1 / 254][type] ?? 1, true);
    fill(i, view, offset);
    offset += (sizes[type] ?? 0) * PLANE;
  });
  return buffer;
}

describe("PXT1", () => {
  it("decodes float32, split float16 with a scale, and shares", () => {
    const buffer = tile([1, 1, 1, 1, 2, 2], (plane, view, offset) => {
      if (plane === 1) {
        view.setUint8(offset + 3, 0x01); // low byte of number 3
        view.setUint8(offset + PLANE + 3, 0x3c); // high byte
      }
      if (plane === 4) {
        view.setUint8(offset, 255);
        view.setUint8(offset + 1, 127);
      }
    });
    const read = new Tile(buffer);
    expect(read.level).toBe(5);
    expect(read.values("rms")[3]).toBeCloseTo(0.5 * (1 + 1 / 1024), 7);
    expect(read.values("rms")[4]).toBe(0);
    expect(read.values("zeros")[0]).toBeNaN();
    expect(read.values("zeros")[1]).toBeCloseTo(0.5, 6);
  });

  it("gives the weights of level 0 for any statistic", () => {
    const buffer = tile([0], (_, view, offset) => {
      view.setFloat32(offset + 4, 0.1, true);
    });
    expect(new Tile(buffer).values("max")[1]).toBe(Math.fround(0.1));
  });

  it("refuses what is not a tile, is cut off, or is of a newer kind", () => {
    const good = tile([0], () => undefined);
    expect(() => new Tile(new ArrayBuffer(0))).toThrow(/PXT1/);
    expect(() => new Tile(good.slice(0, -1))).toThrow(/bytes/);
    expect(() => new Tile(good.slice(0, 12))).toThrow(/cut off/);
    const other = good.slice(0);
    new DataView(other).setUint8(8, 9);
    expect(() => new Tile(other)).toThrow(/type 9/);
    new DataView(other).setUint8(0, 0);
    expect(() => new Tile(other)).toThrow(/PXT1/);
  });

  it("inflates zlib streams", async () => {
    const data = new Uint8Array([1, 2, 3, 4]);
    const packed = await new Response(
      new Blob([data]).stream().pipeThrough(new CompressionStream("deflate")),
    ).arrayBuffer();
    expect(new Uint8Array(await inflate(new Uint8Array(packed)))).toEqual(data);
    await expect(inflate(data)).rejects.toThrow();
  });
});
