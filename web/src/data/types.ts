/** What the server's JSON says. Read through `parse.ts`, which checks it. */

/** Statistics of a block of weights, in the order of a tile's planes. */
export const STATISTICS = ["mean", "rms", "min", "max", "zeros", "nonfinite"] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Weights (level 0) or blocks (level >= 1) along a tile's side. */
export const TILE = 256;

/** A file that can be read by byte ranges. */
export interface FileRef {
  url: string;
  bytes: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One model on the plane; its frame's origin is at (x, y) of the plane, in weights. */
export interface ModelEntry {
  id: string;
  name: string;
  root: string;
  generation: number;
  x: number;
  y: number;
  /** What the layout covers, in the model's frame. */
  bounds: Box;
  /** The coarsest level; level L has blocks of 2^L x 2^L weights. */
  maxLevel: number;
  /** The finest level that the atlas file holds. */
  firstLevel: number;
  pxi: FileRef | null;
  atlas: FileRef | null;
  /** Shown only when it is chosen (another generation of a model that is shown). */
  hidden: boolean;
}

/** Two models of equal layout, or two generations of one. */
export interface ComparePair {
  a: string;
  b: string;
  label: string;
}

export interface Plane {
  models: ModelEntry[];
  compare: ComparePair[];
  bounds: Box;
  /** False for a static site: tiles are then computed here from byte ranges. */
  server: boolean;
}

/** A rectangle of a tensor on the model's frame: element (row + j, col + i) is at (x + i, y + j). */
export interface Region extends Box {
  row: number;
  col: number;
  head: number | null;
}

/** Where a plane of pixels lies in the .pxi. */
export interface PlaneRange {
  offset: number;
  bytes: number;
  widthBytes: number;
}

export interface TensorStats {
  count: number;
  mean: number;
  rms: number;
  min: number;
  max: number;
  zeros: number;
  nonfinite: number;
  outliers: number | null;
  heads: number[] | null;
}

export interface Tensor {
  name: string;
  rows: number;
  cols: number;
  encoding: string;
  layer: number | null;
  /** The name's stem: attn_q, ffn_down, token_embd, ... */
  kind: string;
  planes: PlaneRange[];
  regions: Region[];
  stats: TensorStats | null;
}

export interface Layout {
  tensors: Tensor[];
}

/** The exact value of one weight. */
export interface Weight {
  tensor: string;
  row: number;
  col: number;
  layer: number | null;
  head: number | null;
  encoding: string;
  value: number;
}

/** How much a tensor differs between the two models of a pair. */
export interface Change {
  tensor: string;
  /** RMS of the elementwise difference. */
  rms: number;
  /** The same, divided by the RMS of the tensor in the first model. */
  relative: number;
  max: number;
}
