/**
 * The tile format `PXT1` of the server and of the .atlas file, little-endian:
 *
 *     "PXT1" | u8 level | u8 planes | u16 side | planes x (u8 type, 3 zero bytes, f32 scale) | planes
 *
 * Type 0: float32. Type 1: float16 times `scale`; all low bytes, then all high bytes. Type 2: a share of 0 ... 254 times
 * `scale`; 255: no tensor.
 */

import { halfToFloat } from "./encodings";
import { DataError } from "./parse";
import { STATISTICS, TILE, type Statistic } from "./types";

const PLANE = TILE * TILE;
const BYTES = [4 * PLANE, 2 * PLANE, PLANE] as const;

/** One tile as it was sent; planes are decoded when they are asked for. */
export class Tile {
  private readonly view: DataView;
  private readonly planes: { type: number; scale: number; offset: number }[] = [];

  constructor(private readonly buffer: ArrayBuffer) {
    this.view = new DataView(buffer);
    if (buffer.byteLength < 8 || this.view.getUint32(0) !== 0x50585431) throw new DataError("tile: not a PXT1 tile");
    const count = this.view.getUint8(5);
    if (this.view.getUint16(6, true) !== TILE) throw new DataError("tile: its side is not 256");
    if (buffer.byteLength < 8 + 8 * count) throw new DataError("tile: cut off");
    let offset = 8 + 8 * count;
    for (let i = 0; i < count; i++) {
      const type = this.view.getUint8(8 + 8 * i);
      const bytes = BYTES[type];
      if (bytes === undefined) throw new DataError(`tile: a plane of type ${type}; this page is too old for it`);
      this.planes.push({ type, scale: this.view.getFloat32(12 + 8 * i, true), offset });
      offset += bytes;
    }
    if (count === 0 || offset !== buffer.byteLength)
      throw new DataError(`tile: ${buffer.byteLength} bytes, not ${offset}`);
  }

  /** The level: blocks of 2^level x 2^level weights. */
  get level(): number {
    return this.view.getUint8(4);
  }

  get bytes(): number {
    return this.buffer.byteLength;
  }

  /** `statistic` row by row, or the weights where the tile is of level 0; NaN where there is no tensor. */
  values(statistic: Statistic): Float32Array {
    const plane = this.planes[this.planes.length === 1 ? 0 : STATISTICS.indexOf(statistic)];
    if (!plane) throw new DataError(`tile: no plane of ${statistic}`);
    const { type, scale, offset } = plane;
    const out = new Float32Array(PLANE);
    const bytes = new Uint8Array(this.buffer, offset, BYTES[type as 0 | 1 | 2]);
    if (type === 0) {
      for (let i = 0; i < PLANE; i++) out[i] = this.view.getFloat32(offset + 4 * i, true);
    } else if (type === 1) {
      for (let i = 0; i < PLANE; i++) out[i] = scale * halfToFloat((bytes[i] ?? 0) | ((bytes[PLANE + i] ?? 0) << 8));
    } else {
      for (let i = 0; i < PLANE; i++) out[i] = bytes[i] === 255 ? NaN : scale * (bytes[i] ?? 0);
    }
    return out;
  }
}

/** What a zlib stream (RFC 1950) holds. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
