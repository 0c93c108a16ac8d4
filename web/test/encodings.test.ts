import { describe, expect, it } from "vitest";
import { decodeRow, encodingOf, halfToFloat, spans } from "../src/data/encodings";

const NAMES = ["f32", "f16", "bf16", "q4", "q4a", "q8", "q8a", "q4a16", "q8_16"];

/** Bytes of a row with known contents: every code is its column modulo 13, scales and offsets are powers of two. */
function row(name: string, cols: number): { planes: Uint8Array[]; value: (col: number) => number } {
  const e = encodingOf(name);
  const codes = new Uint8Array((cols * e.bits) / 8);
  const half = e.group / 2;
  for (let col = 0; col < cols; col++) {
    const [group, i] = [Math.floor(col / e.group), col % e.group];
    const code = col % 13;
    if (e.bits === 4) codes[group * half + (i % half)]! |= i < half ? code : code << 4;
    else codes[col] = e.signed ? code - 6 : code;
  }
  const per = e.hasOffset ? 2 : 1;
  const scales = new DataView(new ArrayBuffer((cols / e.group) * 2 * per));
  const exponent = (group: number): number => (group % 5) - 3;
  for (let group = 0; group < cols / e.group; group++) {
    scales.setUint16(group * 2 * per, (exponent(group) + 15) << 10, true);
    if (e.hasOffset) scales.setUint16(group * 2 * per + 2, 0xbc00, true); // -1
  }
  return {
    planes: [codes, new Uint8Array(scales.buffer)],
    value: (col) => {
      const scale = 2 ** exponent(Math.floor(col / e.group));
      const code = e.bits === 8 && e.signed ? (col % 13) - 6 : (col % 13) - e.zeroPoint;
      return scale * code + (e.hasOffset ? -1 : 0);
    },
  };
}

describe("grouped encodings", () => {
  for (const name of NAMES.filter((n) => encodingOf(n).group > 0)) {
    for (const [first, last] of [
      [0, 96],
      [1, 2],
      [31, 33],
      [15, 80],
      [95, 96],
    ] as const) {
      it(`${name}: columns ${first} to ${last} from the bytes that spans() names`, () => {
        const { planes, value } = row(name, 96);
        const parts = spans(name, first, last).map((s, i) => planes[i]!.subarray(s.start, s.end));
        const out = new Float32Array(last - first + 2);
        decodeRow(name, parts, first, last, out, 1);
        expect(out[0]).toBe(0);
        for (let col = first; col < last; col++) expect(out[1 + col - first]).toBe(Math.fround(value(col)));
        expect(out.at(-1)).toBe(0);
      });
    }
  }
});

describe("plain floats", () => {
  it("reads float32, float16 and bfloat16", () => {
    const out = new Float32Array(2);
    decodeRow("f32", [new Uint8Array(new Float32Array([1.5, -0.1]).buffer)], 0, 2, out, 0);
    expect([...out]).toEqual([1.5, Math.fround(-0.1)]);
    decodeRow("f16", [new Uint8Array([0x00, 0x3e, 0x00, 0xc0])], 0, 2, out, 0);
    expect([...out]).toEqual([1.5, -2]);
    decodeRow("bf16", [new Uint8Array([0xc0, 0x3f, 0x80, 0xff])], 0, 2, out, 0);
    expect([...out]).toEqual([1.5, -Infinity]);
  });

  it("knows float16's corners", () => {
    expect(halfToFloat(0x0001)).toBe(2 ** -24);
    expect(halfToFloat(0x03ff)).toBe(1023 * 2 ** -24);
    expect(halfToFloat(0x7bff)).toBe(65504);
    expect(halfToFloat(0xfc00)).toBe(-Infinity);
    expect(halfToFloat(0x7e00)).toBeNaN();
    expect(Object.is(halfToFloat(0x8000), -0)).toBe(true);
  });

  it("refuses an encoding that it does not know", () => {
    expect(() => spans("q2", 0, 1)).toThrow(/q2/);
  });
});
