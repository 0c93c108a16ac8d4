import { describe, expect, it } from "vitest";
import { readLink, writeLink, type Link } from "../src/state/link";

const NONE: Link = {
  view: null,
  choice: "auto",
  norm: "relative",
  palette: null,
  range: null,
  pair: null,
  tensor: null,
};

describe("links", () => {
  it("come back as they were", () => {
    const link: Link = {
      view: { x: 123456.789, y: -42.5, zoom: 6.125 },
      choice: "max",
      norm: "absolute",
      palette: "cividis",
      range: [-0.25, 3],
      pair: ["a-1", "b.2"],
      tensor: "blk.3.attn_q.weight",
    };
    const read = readLink(`#${writeLink(link)}`);
    expect(read).toEqual({ ...link, view: { ...link.view, x: expect.closeTo(123456.789, 2) as number } });
  });

  it("lose less than a tenth of a pixel at every zoom", () => {
    for (let zoom = -30; zoom <= 8; zoom += 0.7) {
      const view = { x: 2 ** 37 + 1 / 3, y: -(2 ** 37) / 3, zoom };
      const back = readLink(writeLink({ ...NONE, view })).view;
      expect(Math.abs((back?.x ?? 0) - view.x) * 2 ** zoom).toBeLessThan(0.1);
      expect(Math.abs((back?.y ?? 0) - view.y) * 2 ** zoom).toBeLessThan(0.1);
    }
  });

  it("are short where nothing was chosen", () => {
    expect(writeLink({ ...NONE, view: { x: 1, y: 2, zoom: 0 } })).toBe("x=1&y=2&z=0");
    expect(readLink("")).toEqual(NONE);
  });

  it.each(["#x=NaN&y=1&z=1", "#x=1e300&y=0&z=0", "#s=__proto__&p=x&r=5,1&d=,&n=y", "#%E0%A4%A", "#r=1"])(
    "take no nonsense: %s",
    (hash) => {
      expect(readLink(hash)).toEqual(NONE);
    },
  );

  it("keep the zoom within what the map can show", () => {
    expect(readLink("#x=0&y=0&z=99").view?.zoom).toBe(8);
  });
});
