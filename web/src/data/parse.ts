/** Checks what the server sent: a wrong field is an error that names it, never an undefined later on. */

import type {
  Box,
  Change,
  ComparePair,
  FileRef,
  Layout,
  ModelEntry,
  Plane,
  Region,
  Tensor,
  TensorStats,
} from "./types";

export class DataError extends Error {}

type Fields = Record<string, unknown>;

function fields(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DataError(`${where}: not an object`);
  return value as Fields;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new DataError(`${where}: not an array`);
  return value;
}

function num(object: Fields, key: string, where: string): number {
  const value = object[key];
  if (typeof value !== "number") throw new DataError(`${where}.${key}: not a number`);
  return value;
}

function text(object: Fields, key: string, where: string): string {
  const value = object[key];
  if (typeof value !== "string") throw new DataError(`${where}.${key}: not a text`);
  return value;
}

/** A number, or NaN where JSON has null in its place (JSON has no NaN). */
function real(object: Fields, key: string, where: string): number {
  return object[key] === null ? NaN : num(object, key, where);
}

function optional(object: Fields, key: string, where: string): number | null {
  return object[key] === null || object[key] === undefined ? null : num(object, key, where);
}

function box(value: unknown, where: string): Box {
  const o = fields(value, where);
  return {
    x: num(o, "x", where),
    y: num(o, "y", where),
    width: num(o, "width", where),
    height: num(o, "height", where),
  };
}

function file(value: unknown, where: string): FileRef | null {
  if (value === null || value === undefined) return null;
  const o = fields(value, where);
  return { url: text(o, "url", where), bytes: num(o, "bytes", where) };
}

function model(value: unknown, where: string): ModelEntry {
  const o = fields(value, where);
  const id = text(o, "id", where);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)) throw new DataError(`${where}.id: not a slug`);
  const { x, y, width, height } = box(value, where);
  return {
    x,
    y,
    bounds: o.bounds === undefined ? { x: 0, y: 0, width, height } : box(o.bounds, `${where}.bounds`),
    id,
    name: text(o, "name", where),
    root: text(o, "root", where),
    generation: optional(o, "generation", where) ?? 1,
    maxLevel: num(o, "max_level", where),
    firstLevel: num(o, "first_level", where),
    pxi: file(o.pxi, `${where}.pxi`),
    atlas: file(o.atlas, `${where}.atlas`),
    hidden: o.hidden === true,
  };
}

export function parsePlane(value: unknown): Plane {
  const o = fields(value, "plane.json");
  const models = list(o.models, "plane.json.models").map((m, i) => model(m, `plane.json.models[${i}]`));
  if (models.length === 0) throw new DataError("plane.json.models: empty");
  const compare = (o.compare === undefined ? [] : list(o.compare, "plane.json.compare")).map((c, i): ComparePair => {
    const where = `plane.json.compare[${i}]`;
    const pair = fields(c, where);
    const a = text(pair, "a", where);
    const b = text(pair, "b", where);
    for (const id of [a, b]) {
      if (!models.some((m) => m.id === id)) throw new DataError(`${where}: no model ${id}`);
    }
    return { a, b, label: typeof pair.label === "string" ? pair.label : `${a} → ${b}` };
  });
  return { models, compare, bounds: box(o.bounds, "plane.json.bounds"), server: o.server === true };
}

function stats(value: unknown, where: string): TensorStats | null {
  if (value === null || value === undefined) return null;
  const o = fields(value, where);
  const heads = o.heads === undefined || o.heads === null ? null : list(o.heads, `${where}.heads`);
  return {
    count: num(o, "count", where),
    mean: real(o, "mean", where),
    rms: real(o, "rms", where),
    min: real(o, "min", where),
    max: real(o, "max", where),
    zeros: num(o, "zeros", where),
    nonfinite: num(o, "nonfinite", where),
    outliers: optional(o, "outliers", where),
    heads: heads?.map((h) => (typeof h === "number" ? h : NaN)) ?? null,
  };
}

function tensor(value: unknown, index: number): Tensor {
  const where = `layout.json.tensors[${index}]`;
  const o = fields(value, where);
  const shape = list(o.shape, `${where}.shape`);
  const [rows, cols] = shape.length === 1 ? [1, shape[0]] : shape;
  if (typeof rows !== "number" || typeof cols !== "number") throw new DataError(`${where}.shape: not [rows, cols]`);
  return {
    name: text(o, "name", where),
    rows,
    cols,
    encoding: text(o, "encoding", where),
    layer: optional(o, "layer", where),
    kind: text(o, "kind", where),
    planes: (o.planes === undefined ? [] : list(o.planes, `${where}.planes`)).map((p, i) => {
      const at = `${where}.planes[${i}]`;
      const range = fields(p, at);
      return {
        offset: num(range, "offset", at),
        bytes: num(range, "bytes", at),
        widthBytes: num(range, "width_bytes", at),
      };
    }),
    regions: list(o.regions, `${where}.regions`).map((r, i): Region => {
      const at = `${where}.regions[${i}]`;
      const region = fields(r, at);
      return {
        ...box(r, at),
        row: num(region, "row", at),
        col: num(region, "col", at),
        head: optional(region, "head", at),
      };
    }),
    stats: stats(o.stats, `${where}.stats`),
  };
}

export function parseLayout(value: unknown): Layout {
  return { tensors: list(fields(value, "layout.json").tensors, "layout.json.tensors").map(tensor) };
}

export function parseChanges(value: unknown): Change[] {
  const items = Array.isArray(value)
    ? (value as unknown[])
    : list(fields(value, "changes.json").tensors, "changes.json");
  return items.map((item, i) => {
    const where = `changes.json[${i}]`;
    const o = fields(item, where);
    return {
      tensor: typeof o.tensor === "string" ? o.tensor : text(o, "name", where),
      rms: real(o, "rms", where),
      // JSON has no infinity: null stands for a change of what was all zero.
      relative: optional(o, "relative", where) ?? Infinity,
      max: real(o, "max", where),
    };
  });
}
