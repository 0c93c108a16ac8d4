/** Starts the page: opens the plane, draws it, and keeps the address in step with the view. */

import { effect } from "@preact/signals";
import { render } from "preact";
import { union } from "./data/model_map";
import type { Box } from "./data/types";
import { viewOf } from "./map/fly";
import { MapView } from "./map/map_view";
import { listen } from "./state/keys";
import { MAX_ZOOM, readLink, writeLink, type View } from "./state/link";
import { openPair, openPlane } from "./state/open";
import { followCursor } from "./state/reading";
import * as store from "./state/store";
import "./styles.css";
import { App } from "./ui/app";
import type { Actions } from "./ui/actions";

let map: MapView | null = null;
const started = readLink(location.hash);

function say(text: string): void {
  store.notice.value = text;
  setTimeout(() => {
    if (store.notice.value === text) store.notice.value = null;
  }, 2500);
}

function fail(error: unknown): void {
  store.failure.value = error instanceof Error ? error.message : String(error);
}

/** A box around the models on the plane. */
function everything(): Box {
  return union(store.shown.value.map(({ model: { x, y, bounds: b } }) => ({ ...b, x: x + b.x, y: y + b.y })));
}

function home(): View {
  return viewOf(everything(), store.size.value, 4);
}

const actions: Actions = {
  home: () => {
    map?.fly(home());
  },
  goTo: ({ kind, map: owner, tensor, box }) => {
    const { x, y } = owner.model;
    const most = kind === "weight" ? 6 : 3;
    map?.fly(viewOf({ ...box, x: box.x + x, y: box.y + y }, store.size.value, most));
    if (tensor) store.selected.value = { map: owner, tensor };
    // A weight that was searched for is read out until the pointer moves.
    if (kind === "weight") store.cursor.value = { x: box.x + x + 0.5, y: box.y + y + 0.5 };
  },
  choose: (choice) => {
    store.choice.value = choice;
    store.chosenRange.value = null;
  },
  scale: (norm) => {
    store.norm.value = norm;
    store.chosenRange.value = null;
  },
  compare: async (pair) => {
    try {
      await openPair(pair);
      // Beside other models the compared ones may be out of sight.
      if (store.maps.value.length > 1) map?.fly(home());
    } catch (error) {
      fail(error);
    }
  },
  copyLink: async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      say("Link copied");
    } catch {
      say("The link is in the address bar");
    }
  },
  savePicture: async () => {
    try {
      if (!map) return;
      const anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(await map.picture());
      const name = store.selected.value?.tensor.name ?? store.shown.value[0]?.model.name ?? "map";
      anchor.download = `${name.replace(/[^A-Za-z0-9._-]+/g, "-")}.png`;
      anchor.click();
      URL.revokeObjectURL(anchor.href);
    } catch (error) {
      fail(error);
    }
  },
};

function nextLayer(step: 1 | -1): void {
  const shown = store.shown.value[0];
  if (!shown) return;
  const { model, layers } = shown;
  const y = (map?.destination.y ?? 0) - model.y;
  const order = [...layers];
  const now = order.findIndex(([, box]) => y < box.y + box.height);
  const inside = (order[now]?.[1].y ?? Infinity) <= y;
  const at = now < 0 ? order.length - (step < 0 ? 1 : 0) : now + (step > 0 && !inside ? 0 : step);
  const box = order[Math.min(order.length - 1, Math.max(0, at))]?.[1];
  if (box) map?.fly(viewOf({ ...box, x: box.x + model.x, y: box.y + model.y }, store.size.value, 4));
}

/** The address follows the view, at most a few times a second (browsers limit it). */
function followAddress(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = location.hash;
  effect(() => {
    const pair = store.pair.value?.entry;
    const hash = `#${writeLink({
      view: store.view.value,
      choice: store.choice.value,
      norm: store.norm.value,
      palette: store.chosenPalette.value,
      range: store.chosenRange.value?.range ?? null,
      pair: pair ? [pair.a, pair.b] : null,
      tensor: store.selected.value?.tensor.name ?? null,
    })}`;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A link that was just followed counts more than the view that it leaves.
      if (location.hash !== written) return;
      history.replaceState(null, "", hash);
      written = location.hash;
    }, 200);
  });
  window.addEventListener("hashchange", () => {
    if (location.hash === written) return;
    written = location.hash;
    void apply(readLink(written));
  });
}

async function apply(link: ReturnType<typeof readLink>): Promise<void> {
  store.choice.value = link.choice;
  store.norm.value = link.norm;
  store.chosenPalette.value = link.palette;
  const current = store.pair.value?.entry;
  if ((link.pair?.join() ?? "") !== (current ? [current.a, current.b].join() : "")) await actions.compare(link.pair);
  map?.show(link.view ?? home());
  store.chosenRange.value = link.range && { scale: store.quantity.value.scale, range: link.range };
  const owner = link.tensor === null ? undefined : store.shown.value.find((m) => m.tensor(link.tensor ?? ""));
  const tensor = owner?.tensor(link.tensor ?? "");
  store.selected.value = owner && tensor ? { map: owner, tensor } : null;
}

function mount(root: HTMLElement): void {
  store.size.value = { width: root.clientWidth, height: root.clientHeight };
  openPlane()
    .then(async () => {
      store.view.value = started.view ?? home();
      map = new MapView(root);
      await apply(started);
      document.title = `${store.shown.value.map((m) => m.model.name).join(", ")} · Pixel-LLM map`;
      followAddress();
      followCursor();
      listen(actions, {
        destination: () => map?.destination ?? store.view.value,
        fly: (view) => map?.fly({ ...view, zoom: Math.min(view.zoom, MAX_ZOOM) }),
        layer: nextLayer,
      });
      selectOnClick(root);
    })
    .catch(fail);
}

function selectOnClick(root: HTMLElement): void {
  let down = { x: 0, y: 0 };
  root.addEventListener("pointerdown", (event) => {
    down = { x: event.clientX, y: event.clientY };
  });
  root.addEventListener("click", (event) => {
    if (Math.hypot(event.clientX - down.x, event.clientY - down.y) > 4) return;
    const hit = store.hovered.value;
    store.selected.value = hit && { map: hit.map, tensor: hit.element.tensor };
  });
}

const app = document.getElementById("app");
if (app) render(<App actions={actions} mount={mount} />, app);
