import { describe, expect, it } from "vitest";
import { intersection, union } from "../src/data/model_map";
import { find, parseQuery } from "../src/ui/find";
import { smallMap } from "./model";

const map = smallMap();

describe("places", () => {
  it("finds the element of every point, and nothing in the gaps", () => {
    expect(map.at(45.9, 3.2)).toMatchObject({ row: 53, col: 5, tensor: { name: "token_embd.weight" } });
    expect(map.at(85, 79)).toMatchObject({ row: 21, col: 5, region: { head: 2 }, tensor: { layer: 0 } });
    expect(map.at(33, 3)).toBeNull();
    expect(map.at(-1, 0)).toBeNull();
    expect(map.at(1e12, -1e12)).toBeNull();
  });

  it("goes back from every element to its point", () => {
    for (const tensor of map.tensors) {
      for (let row = 0; row < tensor.rows; row++) {
        for (const col of [0, tensor.cols - 1]) {
          const at = map.locate(tensor, row, col);
          expect(at && map.at(at.x, at.y)).toMatchObject({ tensor: { name: tensor.name }, row, col });
        }
      }
      expect(map.locate(tensor, tensor.rows, 0)).toBeNull();
    }
  });

  it("does not take a region that only touches a box", () => {
    expect(map.within({ x: 32, y: 0, width: 8, height: 50 })).toEqual([]);
    expect(map.within({ x: 31, y: 0, width: 10, height: 1 })).toHaveLength(2);
  });

  it("knows the layers' boxes", () => {
    expect([...map.layers.keys()]).toEqual([0, 1]);
    expect(map.layers.get(1)).toEqual({ x: 0, y: 128, width: 176, height: 42 });
  });

  it("cuts and joins boxes", () => {
    const a = { x: 0, y: 0, width: 10, height: 10 };
    expect(intersection(a, { x: 10, y: 0, width: 1, height: 1 })).toBeNull();
    expect(union([a, { x: -5, y: 4, width: 1, height: 20 }])).toEqual({ x: -5, y: 0, width: 15, height: 24 });
  });
});

describe("search", () => {
  it.each([
    ["layer 1", "layer 1"],
    ["blk.1", "layer 1"],
    ["1", "layer 1"],
    ["q 1 head 2", "blk.1.attn_q.weight · head 2"],
    ["attn_q layer 0 head 1", "blk.0.attn_q.weight · head 1"],
    ["blk.1.attn_q.weight", "blk.1.attn_q.weight"],
    ["down 0", "blk.0.ffn_down.weight"],
    ["embedding", "token_embd.weight"],
    ["EMBD row 70 col 3", "token_embd.weight [70, 3]"],
    ["down 1 [4, 5]", "blk.1.ffn_down.weight [4, 5]"],
  ])("%s → %s", (text, title) => {
    expect(find([map], text)[0]?.title).toBe(title);
  });

  it("gives the box of a weight", () => {
    expect(find([map], "embd [53, 5]")[0]?.box).toEqual({ x: 45, y: 3, width: 1, height: 1 });
  });

  it("finds nothing for what is not there", () => {
    for (const text of ["", "  ", "nonsense", "layer 9", "down head 7", "down 1 [4, 500]"]) {
      expect(find([map], text)).toEqual([]);
    }
  });

  it("parses numbers wherever they stand", () => {
    expect(parseQuery("head3 layer:7 x")).toMatchObject({ words: ["x"], layer: 7, head: 3 });
  });
});
