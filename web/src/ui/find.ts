/** Search: from "blk.3.attn_q", "layer 12 head 4", "down 7" or "attn_q 5 row 10 col 3" to a box on the map. */

import { union, type ModelMap } from "../data/model_map";
import type { Box, Tensor } from "../data/types";
import { shortName, stemOf } from "../map/names";

export interface SearchHit {
  kind: "layer" | "tensor" | "head" | "weight";
  title: string;
  detail: string;
  map: ModelMap;
  tensor: Tensor | null;
  /** In the model's frame. */
  box: Box;
}

interface Query {
  words: string[];
  layer: number | null;
  head: number | null;
  row: number | null;
  col: number | null;
}

/** Numbers after their words; whatever is left are words to look for in names. */
export function parseQuery(text: string): Query {
  const query: Query = { words: [], layer: null, head: null, row: null, col: null };
  const tokens = text
    .toLowerCase()
    .replace(/\[\s*(\d+)\s*,\s*(\d+)\s*\]/, " row $1 col $2 ")
    .replace(/\b(layer|block|blk|head|row|col|column)[\s.:#]*(\d+)/g, " $1 $2 ")
    .split(/[\s,]+/)
    .filter(Boolean);
  for (let i = 0; i < tokens.length; i++) {
    const word = tokens[i] ?? "";
    const next = Number(tokens[i + 1]);
    const counted = tokens[i + 1] !== undefined && Number.isInteger(next);
    if (/^(layer|block|blk)$/.test(word)) {
      if (counted) query.layer = next;
    } else if (word === "head") {
      if (counted) query.head = next;
    } else if (word === "row") {
      if (counted) query.row = next;
    } else if (word === "col" || word === "column") {
      if (counted) query.col = next;
    } else if (/^\d+$/.test(word)) {
      query.layer ??= Number(word);
      continue;
    } else {
      query.words.push(word.replace(/^\./, ""));
      continue;
    }
    if (counted) i++;
  }
  return query;
}

/** The best hits first, at most `most`. */
export function find(maps: readonly ModelMap[], text: string, most = 12): SearchHit[] {
  const query = parseQuery(text);
  const { words, layer, head, row, col } = query;
  if (words.length === 0 && layer === null && head === null) return [];
  const hits: { hit: SearchHit; score: number }[] = [];
  for (const map of maps) {
    const suffix = maps.length > 1 ? ` · ${map.model.name}` : "";
    const layerBox = layer === null ? undefined : map.layers.get(layer);
    if (words.length === 0 && head === null && layerBox) {
      const count = map.tensors.filter((t) => t.layer === layer).length;
      const hit: SearchHit = {
        kind: "layer",
        title: `layer ${layer}`,
        detail: `${count} tensors${suffix}`,
        map,
        tensor: null,
        box: layerBox,
      };
      hits.push({ hit, score: 100 });
    }
    for (const tensor of map.tensors) {
      if (layer !== null && tensor.layer !== layer) continue;
      const score = rank(tensor, words);
      if (score <= 0) continue;
      const hit = hitOf(map, tensor, query, suffix);
      if (hit) hits.push({ hit, score: score + (row === null && col === null ? 0 : 1) });
    }
  }
  return hits
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map((h) => h.hit);
}

function hitOf(map: ModelMap, tensor: Tensor, { head, row, col }: Query, suffix: string): SearchHit | null {
  const shape = `${tensor.rows} × ${tensor.cols} · ${tensor.encoding}${suffix}`;
  if (row !== null || col !== null) {
    const at = map.locate(tensor, row ?? 0, col ?? 0);
    if (!at) return null;
    const title = `${tensor.name} [${row ?? 0}, ${col ?? 0}]`;
    return { kind: "weight", title, detail: shape, map, tensor, box: { ...at, width: 1, height: 1 } };
  }
  if (head !== null) {
    const regions = tensor.regions.filter((r) => r.head === head);
    if (regions.length === 0) return null;
    return { kind: "head", title: `${tensor.name} · head ${head}`, detail: shape, map, tensor, box: union(regions) };
  }
  return { kind: "tensor", title: tensor.name, detail: shape, map, tensor, box: union(tensor.regions) };
}

/** How well a tensor's names match the words; 0: not at all. Matrices before vectors. */
function rank(tensor: Tensor, words: readonly string[]): number {
  const name = tensor.name.toLowerCase();
  const stem = stemOf(name);
  const short = shortName(tensor.name).toLowerCase();
  let score = tensor.rows > 1 ? 2 : 1;
  for (const word of words) {
    if (name === word || stem === word || short === word) score += 20;
    else if (name.startsWith(word) || stem.startsWith(word)) score += 10;
    else if (name.includes(word)) score += 5;
    else return 0;
  }
  return score;
}
