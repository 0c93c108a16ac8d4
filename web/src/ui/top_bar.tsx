/** The bar at the top: search, what is drawn, and the buttons. */

import type { ComponentChildren } from "preact";
import icon from "../assets/icon.svg";
import { PALETTES } from "../map/palettes";
import { CHOICES, type Choice } from "../map/quantity";
import * as store from "../state/store";
import type { Actions } from "./actions";
import { Search } from "./search";

export function TopBar({ actions }: { actions: Actions }) {
  const plane = store.plane.value;
  const names = store.shown.value.map((m) => m.model.name);
  const pair = store.pair.value?.entry;
  return (
    <header class="bar">
      <div class="brand" title={names.join(", ")}>
        <img src={icon} width="22" height="22" alt="" />
        <div>
          <strong>{names.length > 1 ? `${names.length} models` : (names[0] ?? "Pixel-LLM")}</strong>
          <span>Pixel-LLM map</span>
        </div>
      </div>
      <Search actions={actions} />
      <div class="tools">
        <Field label="Show">
          <select
            id="statistic"
            aria-label="Statistic"
            value={store.choice.value}
            title={CHOICES.find((c) => c.id === store.choice.value)?.hint}
            onChange={(e) => {
              actions.choose(e.currentTarget.value as Choice);
            }}
          >
            {CHOICES.map((c) => (
              <option key={c.id} value={c.id} title={c.hint}>
                {c.title}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Scale">
          <div class="segments" role="group" aria-label="Scale">
            {(["relative", "absolute"] as const).map((n) => (
              <button
                key={n}
                aria-pressed={store.norm.value === n}
                title={n === "relative" ? "in units of each tensor's RMS (σ)" : "the numbers as they are"}
                onClick={() => {
                  actions.scale(n);
                }}
              >
                {n === "relative" ? "per tensor" : "absolute"}
              </button>
            ))}
          </div>
        </Field>
        <Field label="Colours">
          <select
            id="palette"
            aria-label="Colour map"
            value={store.chosenPalette.value ?? ""}
            onChange={(e) => {
              store.chosenPalette.value = e.currentTarget.value || null;
            }}
          >
            <option value="">Automatic</option>
            {PALETTES.map((p) => (
              <option key={p.id} value={p.id} title={p.hint}>
                {p.title}
              </option>
            ))}
          </select>
        </Field>
        {plane && plane.compare.length > 0 && (
          <Field label="Compare">
            <select
              id="compare"
              aria-label="Compare"
              value={pair ? `${pair.a},${pair.b}` : ""}
              onChange={(e) => {
                const [a, b] = e.currentTarget.value.split(",");
                void actions.compare(a && b ? [a, b] : null);
              }}
            >
              <option value="">No comparison</option>
              {plane.compare.map((c) => (
                <option key={`${c.a},${c.b}`} value={`${c.a},${c.b}`}>
                  {c.label}
                </option>
              ))}
            </select>
          </Field>
        )}
        <div class="buttons">
          <Button id="fit" title="Whole map (0)" path="M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6" onClick={actions.home} />
          <Button
            id="link"
            title="Copy a link to this view (L)"
            path="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.6l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.6l1.5-1.5"
            onClick={() => void actions.copyLink()}
          />
          <Button
            id="png"
            title="Save what is seen as PNG (E)"
            path="M12 3v12M7 10l5 5 5-5M4 20h16"
            onClick={() => void actions.savePicture()}
          />
          <Button
            id="panel"
            title="Panel (P)"
            path="M4 4h16v16H4zM14.5 4v16"
            pressed={store.panelOpen.value}
            onClick={() => {
              store.panelOpen.value = !store.panelOpen.value;
            }}
          />
          <Button
            id="help"
            title="Keys and help (?)"
            path="M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.01"
            onClick={() => {
              store.helpOpen.value = true;
            }}
          />
        </div>
      </div>
    </header>
  );
}

function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <span>{label}</span>
      {children}
    </div>
  );
}

interface ButtonProps {
  id: string;
  title: string;
  path: string;
  pressed?: boolean;
  onClick: () => void;
}

function Button({ id, title, path, pressed, onClick }: ButtonProps) {
  return (
    <button id={id} class="icon" title={title} aria-label={title} aria-pressed={pressed} onClick={onClick}>
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        <path
          d={path}
          fill="none"
          stroke="currentColor"
          stroke-width="1.8"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      </svg>
    </button>
  );
}
