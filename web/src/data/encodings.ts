/**
 * Weights from the planes of a .pxi (pixel_llm/specs/pxi_llm_format.md, section 3), bit for bit as Python decodes them:
 * every operation is rounded to float32.
 */

import { DataError } from "./parse";

export interface Encoding {
  /** Bits of a code, or of a float. */
  bits: number;
  /** Weights that share a scale; 0: plain floats. */
  group: number;
  signed: boolean;
  zeroPoint: number;
  hasOffset: boolean;
}

function encoding(bits: number, group = 0, more: Partial<Encoding> = {}): Encoding {
  return { bits, group, signed: false, zeroPoint: 0, hasOffset: false, ...more };
}

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ["f32", encoding(32)],
  ["f16", encoding(16)],
  ["bf16", encoding(16)],
  ["q4", encoding(4, 32, { zeroPoint: 8 })],
  ["q4a", encoding(4, 32, { hasOffset: true })],
  ["q8", encoding(8, 32, { signed: true })],
  ["q8a", encoding(8, 32, { hasOffset: true })],
  ["q4a16", encoding(4, 16, { hasOffset: true })],
  ["q8_16", encoding(8, 16, { signed: true })],
]);

export function encodingOf(name: string): Encoding {
  const found = ENCODINGS.get(name);
  if (!found) throw new DataError(`encoding ${name}: this page is too old for it`);
  return found;
}

let halves: Float32Array | undefined;

/** float16 bits as a number (IEEE 754). */
export function halfToFloat(bits: number): number {
  if (!halves) {
    halves = new Float32Array(1 << 16);
    for (let i = 0; i < 1 << 16; i++) {
      const sign = i & 0x8000 ? -1 : 1;
      const exponent = (i >> 10) & 31;
      const fraction = i & 1023;
      if (exponent === 31) halves[i] = fraction ? NaN : sign * Infinity;
      else if (exponent === 0) halves[i] = sign * fraction * 2 ** -24;
      else halves[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    }
  }
  return halves[bits] ?? NaN;
}

/** Bytes [start, end) of a plane's row that hold the columns [first, last). */
export interface Span {
  start: number;
  end: number;
}

/** For each plane, the part of a row that columns [first, last) need. */
export function spans(name: string, first: number, last: number): Span[] {
  const e = encodingOf(name);
  if (e.group === 0) return [{ start: (first * e.bits) / 8, end: (last * e.bits) / 8 }];
  const groups = { start: Math.floor(first / e.group), end: Math.ceil(last / e.group) };
  const codes = (e.group * e.bits) / 8;
  const scales = e.hasOffset ? 4 : 2;
  return [
    { start: groups.start * codes, end: groups.end * codes },
    { start: groups.start * scales, end: groups.end * scales },
  ];
}

/** Decodes columns [first, last) of one row into `out` at `at`, from the bytes of `spans`. */
export function decodeRow(
  name: string,
  parts: readonly Uint8Array[],
  first: number,
  last: number,
  out: Float32Array,
  at: number,
): void {
  const e = encodingOf(name);
  const [codes, scales] = parts;
  if (!codes) throw new DataError(`encoding ${name}: no codes`);
  if (e.group === 0) {
    decodeFloats(name, codes, out, at);
    return;
  }
  if (!scales) throw new DataError(`encoding ${name}: no scales`);
  const half = e.group / 2;
  const start = Math.floor(first / e.group);
  const view = new DataView(scales.buffer, scales.byteOffset, scales.byteLength);
  for (let col = first; col < last; col++) {
    const group = Math.floor(col / e.group) - start;
    const i = col % e.group;
    let code: number;
    if (e.bits === 4) {
      const byte = codes[group * half + (i % half)] ?? 0;
      code = i < half ? byte & 15 : byte >> 4;
    } else {
      const byte = codes[group * e.group + i] ?? 0;
      code = e.signed ? (byte << 24) >> 24 : byte;
    }
    const stride = e.hasOffset ? 4 : 2;
    const scale = halfToFloat(view.getUint16(group * stride, true));
    let value = Math.fround(scale * (code - e.zeroPoint));
    if (e.hasOffset) value = Math.fround(value + halfToFloat(view.getUint16(group * stride + 2, true)));
    out[at + col - first] = value;
  }
}

function decodeFloats(name: string, bytes: Uint8Array, out: Float32Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (name === "f32") {
    for (let i = 0; i < bytes.length / 4; i++) out[at + i] = view.getFloat32(4 * i, true);
  } else if (name === "f16") {
    for (let i = 0; i < bytes.length / 2; i++) out[at + i] = halfToFloat(view.getUint16(2 * i, true));
  } else {
    const word = new DataView(new ArrayBuffer(4));
    for (let i = 0; i < bytes.length / 2; i++) {
      word.setUint32(0, view.getUint16(2 * i, true) << 16);
      out[at + i] = word.getFloat32(0);
    }
  }
}
