/** Keyboard control. */

import { PALETTES } from "../map/palettes";
import { CHOICES } from "../map/quantity";
import {
  fit as rangeThatFits,
  chosenPalette,
  chosenRange,
  choice,
  helpOpen,
  norm,
  panelOpen,
  quantity,
  selected,
} from "./store";
import * as store from "./store";
import type { View } from "./link";
import type { Actions } from "../ui/actions";

interface Motion {
  /** Where the map is, or will be when its flight has ended: keys pressed in a row add up. */
  destination: () => View;
  fly: (view: View) => void;
  /** The layer before (-1) or after (1) the one in the middle of the screen. */
  layer: (step: 1 | -1) => void;
}

export function listen(actions: Actions, motion: Motion): void {
  const pan = (dx: number, dy: number): void => {
    const { x, y, zoom } = motion.destination();
    const { width, height } = store.size.value;
    motion.fly({ x: x + (dx * width) / 2 ** zoom, y: y + (dy * height) / 2 ** zoom, zoom });
  };
  const zoom = (by: number): void => {
    const now = motion.destination();
    motion.fly({ ...now, zoom: now.zoom + by });
  };
  const next = <T>(items: readonly T[], now: T): T => items[(items.indexOf(now) + 1) % items.length] ?? now;
  const keys: Record<string, () => void> = {
    ArrowLeft: () => {
      pan(-0.2, 0);
    },
    ArrowRight: () => {
      pan(0.2, 0);
    },
    ArrowUp: () => {
      pan(0, -0.2);
    },
    ArrowDown: () => {
      pan(0, 0.2);
    },
    "+": () => {
      zoom(1);
    },
    "=": () => {
      zoom(1);
    },
    "-": () => {
      zoom(-1);
    },
    "0": () => {
      actions.home();
    },
    "[": () => {
      motion.layer(-1);
    },
    "]": () => {
      motion.layer(1);
    },
    s: () => {
      actions.choose(
        next(
          CHOICES.map((c) => c.id),
          choice.value,
        ),
      );
    },
    a: () => {
      actions.scale(norm.value === "relative" ? "absolute" : "relative");
    },
    c: () => {
      chosenPalette.value = next([null, ...PALETTES.map((p) => p.id)], chosenPalette.value);
    },
    r: () => {
      if (rangeThatFits.value) chosenRange.value = { scale: quantity.value.scale, range: rangeThatFits.value };
    },
    l: () => void actions.copyLink(),
    e: () => void actions.savePicture(),
    p: () => {
      panelOpen.value = !panelOpen.value;
    },
    "?": () => {
      helpOpen.value = true;
    },
    Escape: () => {
      selected.value = null;
    },
  };
  window.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, dialog[open]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
