/** The .atlas file by byte ranges: a header, zlib streams of tiles, a JSON index at the end (docs/atlas.md). */

import { getRange } from "./http";
import { DataError } from "./parse";
import type { TileKey } from "./source";
import { inflate, Tile } from "./tile_format";
import type { FileRef, ModelEntry } from "./types";

const HEADER = 64;

export class AtlasFile {
  private constructor(
    private readonly file: FileRef,
    private readonly tiles: ReadonlyMap<string, { offset: number; length: number; sha256: string }>,
  ) {}

  /** Reads header and index, and checks the index's hash and that the file belongs to the model. */
  static async open(file: FileRef, model: ModelEntry): Promise<AtlasFile> {
    const header = await getRange(file.url, 0, HEADER, null);
    const view = new DataView(header.buffer);
    if (view.getUint32(0) !== 0x50584131) throw new DataError(`${file.url}: not an atlas`);
    if (view.getUint32(4, true) !== 1) throw new DataError(`${file.url}: a version that this page does not know`);
    const start = Number(view.getBigUint64(8, true));
    const end = start + Number(view.getBigUint64(16, true));
    if (start < HEADER || end > file.bytes) throw new DataError(`${file.url}: the index lies outside of the file`);
    const bytes = await getRange(file.url, start, end, null);
    await check(bytes, toHex(header.subarray(24, 56)), `${file.url}: index`);
    const index = JSON.parse(new TextDecoder().decode(bytes)) as { root?: unknown; tiles?: unknown };
    if (index.root !== model.root) throw new DataError(`${file.url}: made from another state of ${model.name}`);
    const tiles = new Map<string, { offset: number; length: number; sha256: string }>();
    for (const [level, x, y, offset, length, sha256] of index.tiles as [
      number,
      number,
      number,
      number,
      number,
      string,
    ][]) {
      tiles.set(`${level}/${x}/${y}`, { offset, length, sha256 });
    }
    return new AtlasFile(file, tiles);
  }

  async tile({ level, x, y }: TileKey, signal: AbortSignal): Promise<Tile | null> {
    const entry = this.tiles.get(`${level}/${x}/${y}`);
    if (!entry) return null;
    const bytes = await getRange(this.file.url, entry.offset, entry.offset + entry.length, signal);
    await check(bytes, entry.sha256, `${this.file.url}: tile ${level}/${x}/${y}`);
    return new Tile(await inflate(bytes));
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Browsers have SHA-256 only on https and localhost; elsewhere the transport is trusted. */
async function check(bytes: Uint8Array<ArrayBuffer>, sha256: string, what: string): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- missing on plain http
  if (!globalThis.crypto.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (toHex(digest) !== sha256) throw new DataError(`${what}: damaged, its SHA-256 does not match`);
}
