/** Requests with errors that a person can act on. */

import { DataError } from "./parse";

async function get(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new DataError(`${url}: no answer; is the server still running?`);
  }
  if (!response.ok) throw new DataError(`${url}: ${response.status} ${response.statusText}`.trim());
  return response;
}

export async function getJson(url: string, signal: AbortSignal | null = null): Promise<unknown> {
  const response = await get(url, { signal });
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new DataError(`${url}: not JSON`);
  }
}

/** The body, or null for an empty tile (204, or 404 on a plain file server). */
export async function getBytes(url: string, signal: AbortSignal | null): Promise<ArrayBuffer | null> {
  const response = await get(url, { signal });
  return response.status === 204 ? null : response.arrayBuffer();
}

/** Bytes [start, end) of a file on a server that answers range requests. */
export async function getRange(
  url: string,
  start: number,
  end: number,
  signal: AbortSignal | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await get(url, { signal, headers: { Range: `bytes=${start}-${end - 1}` } });
  if (response.status !== 206) {
    await response.body?.cancel();
    throw new DataError(`${url}: the server does not answer range requests; serve the folder with one that does`);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length !== end - start) throw new DataError(`${url}: ${bytes.length} bytes instead of ${end - start}`);
  return bytes;
}
