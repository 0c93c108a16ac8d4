/** Keys, and how to read the map. */

import { useEffect, useRef } from "preact/hooks";
import * as store from "../state/store";

const KEYS: readonly (readonly [string, string])[] = [
  ["drag, arrows", "pan"],
  ["wheel, pinch, + −", "zoom"],
  ["0", "the whole map"],
  ["/", "search"],
  ["[ and ]", "previous and next layer"],
  ["click", "keep a tensor’s statistics; Esc lets go"],
  ["S", "next statistic"],
  ["A", "per tensor or absolute"],
  ["C", "next colour map"],
  ["R", "range that fits the view"],
  ["L", "copy a link to this view"],
  ["E", "save what is seen as PNG"],
  ["P", "panel"],
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = store.helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-label="Help"
      onClose={() => {
        store.helpOpen.value = false;
      }}
      onClick={(e) => {
        if (e.target === dialog.current) store.helpOpen.value = false;
      }}
    >
      <h2>Reading the map</h2>
      <p>
        Every weight of the model is one pixel of an unbounded plane: embeddings on top, one band for each layer,
        attention heads as neighbouring rectangles, the output below. From afar a pixel stands for a block of weights
        and shows its statistics; close up it is one weight, and the line at the bottom says its exact value.
      </p>
      <p>
        “Per tensor” divides by each tensor’s root mean square (σ), so that quiet and loud tensors show their structure
        alike; “absolute” compares tensors with each other. Magenta marks NaN and infinities.
      </p>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button class="primary">Close</button>
      </form>
    </dialog>
  );
}
