/** The search box: fly to a tensor, layer, head or weight. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as store from "../state/store";
import type { Actions } from "./actions";
import { find, type SearchHit } from "./find";

export function Search({ actions }: { actions: Actions }) {
  const text = useSignal("");
  const at = useSignal(0);
  const open = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const hits = open.value ? find(store.shown.value, text.value) : [];

  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
      if ((event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        input.current?.focus();
        input.current?.select();
      }
    };
    window.addEventListener("keydown", focus);
    return () => {
      window.removeEventListener("keydown", focus);
    };
  }, []);

  const choose = (hit: SearchHit | undefined): void => {
    if (!hit) return;
    text.value = hit.title;
    open.value = false;
    input.current?.blur();
    actions.goTo(hit);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "ArrowDown") at.value = Math.min(hits.length - 1, at.value + 1);
    else if (event.key === "ArrowUp") at.value = Math.max(0, at.value - 1);
    else if (event.key === "Enter") choose(hits[at.value]);
    else if (event.key === "Escape") input.current?.blur();
    else return;
    event.preventDefault();
  };
  return (
    <div class="search">
      <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
        <path d="M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M16 16l5 5" fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
      <input
        ref={input}
        id="search"
        type="text"
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls="hits"
        aria-activedescendant={hits.length > 0 ? `hit-${at.value}` : undefined}
        aria-label="Search a tensor, layer, head or weight"
        placeholder="Fly to: attn_q 12 head 3, layer 7, down[40, 2]"
        autocomplete="off"
        spellcheck={false}
        value={text.value}
        onFocus={() => (open.value = true)}
        onBlur={() => (open.value = false)}
        onInput={(e) => {
          text.value = e.currentTarget.value;
          at.value = 0;
          open.value = true;
        }}
        onKeyDown={onKeyDown}
      />
      <kbd>/</kbd>
      {open.value && text.value.trim() !== "" && (
        <ul id="hits" role="listbox">
          {hits.map((hit, i) => (
            <li
              key={hit.title}
              id={`hit-${i}`}
              role="option"
              aria-selected={i === at.value}
              onMouseDown={(e) => {
                e.preventDefault();
                choose(hit);
              }}
            >
              <span>{hit.title}</span>
              <small>{hit.detail}</small>
            </li>
          ))}
          {hits.length === 0 && <li class="none">Nothing is called that. Try “attn_q 3”, “layer 7”, “head 2”.</li>}
        </ul>
      )}
    </div>
  );
}
