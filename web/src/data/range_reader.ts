/** Byte ranges of files on a plain HTTP server, through a cache of chunks with a byte budget. */

import { getRange } from "./http";

const CHUNK = 1 << 16;
const LONGEST_REQUEST = 1 << 22;

type Fetch = (url: string, start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;

export class RangeReader {
  private readonly chunks = new Map<string, Promise<Uint8Array>>();

  constructor(
    private readonly budget = 96 << 20,
    private readonly fetch: Fetch = (url, start, end) => getRange(url, start, end, null),
  ) {}

  /** Makes sure that the ranges' chunks are on their way, in few requests; they need not be in order. */
  private request(file: { url: string; bytes: number }, wanted: ReadonlySet<number>): void {
    const missing = [...wanted].filter((i) => !this.chunks.has(`${file.url}#${i}`)).sort((a, b) => a - b);
    for (let i = 0; i < missing.length;) {
      const first = missing[i] ?? 0;
      let count = 1;
      while (missing[i + count] === first + count && (count + 1) * CHUNK <= LONGEST_REQUEST) count++;
      const start = first * CHUNK;
      const run = this.fetch(file.url, start, Math.min(start + count * CHUNK, file.bytes));
      for (let k = 0; k < count; k++) {
        const key = `${file.url}#${first + k}`;
        const chunk = run.then((bytes) => bytes.subarray(k * CHUNK, (k + 1) * CHUNK));
        // A failed chunk is asked for again the next time.
        chunk.catch(() => this.chunks.delete(key));
        this.chunks.set(key, chunk);
      }
      i += count;
    }
  }

  /** The bytes of each range [start, end) of a file. */
  async read(
    file: { url: string; bytes: number },
    ranges: readonly { start: number; end: number }[],
  ): Promise<Uint8Array[]> {
    const wanted = new Set<number>();
    for (const { start, end } of ranges) {
      for (let i = Math.floor(start / CHUNK); i * CHUNK < end; i++) wanted.add(i);
    }
    this.request(file, wanted);
    const held = new Map<number, Uint8Array>();
    await Promise.all(
      [...wanted].map(async (i) => {
        const key = `${file.url}#${i}`;
        const chunk = this.chunks.get(key);
        if (!chunk) return;
        // Used last: the end of the map's order.
        this.chunks.delete(key);
        this.chunks.set(key, chunk);
        held.set(i, await chunk);
      }),
    );
    this.evict();
    return ranges.map(({ start, end }) => {
      const out = new Uint8Array(end - start);
      for (let i = Math.floor(start / CHUNK); i * CHUNK < end; i++) {
        const from = Math.max(start, i * CHUNK);
        const to = Math.min(end, (i + 1) * CHUNK);
        out.set(held.get(i)?.subarray(from - i * CHUNK, to - i * CHUNK) ?? [], from - start);
      }
      return out;
    });
  }

  private evict(): void {
    for (const key of this.chunks.keys()) {
      if (this.chunks.size * CHUNK <= this.budget) return;
      this.chunks.delete(key);
    }
  }
}
