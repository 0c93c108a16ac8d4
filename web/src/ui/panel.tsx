/** The panel on the right: legend, the tensor, and what changed. */

import type { ComponentChildren } from "preact";
import { union } from "../data/model_map";
import type { Change, Tensor, TensorStats } from "../data/types";
import { exact, short } from "../map/quantity";
import * as store from "../state/store";
import type { Actions } from "./actions";
import { Legend } from "./legend";

export function Panel({ actions }: { actions: Actions }) {
  if (!store.panelOpen.value) return null;
  return (
    <aside class="panel" aria-label="Legend and statistics">
      <Legend />
      <Changes actions={actions} />
      <TensorCard actions={actions} />
    </aside>
  );
}

function TensorCard({ actions }: { actions: Actions }) {
  const hovered = store.hovered.value;
  const selected = store.selected.value;
  const map = selected?.map ?? hovered?.map;
  const tensor = selected?.tensor ?? hovered?.element.tensor;
  if (!map || !tensor) {
    return (
      <section class="tensor hint">
        <h2>Tensor</h2>
        <p>Point at the map to see a tensor’s statistics; click to keep them here.</p>
      </section>
    );
  }
  const { stats } = tensor;
  const fly = (): void => {
    const detail = `${tensor.rows} × ${tensor.cols}`;
    actions.goTo({ kind: "tensor", title: tensor.name, detail, map, tensor, box: union(tensor.regions) });
  };
  return (
    <section class="tensor" aria-label="Tensor">
      <h2>
        <button class="name" title="Fly to the whole tensor" onClick={fly}>
          {tensor.name}
        </button>
        {selected && (
          <button
            class="close"
            aria-label="Let go of the tensor (Esc)"
            title="Let go (Esc)"
            onClick={() => (store.selected.value = null)}
          >
            ×
          </button>
        )}
      </h2>
      <dl>
        <Row name="shape">
          {count(tensor.rows)} × {count(tensor.cols)}
        </Row>
        <Row name="encoding">{tensor.encoding}</Row>
        {tensor.layer !== null && <Row name="layer">{tensor.layer}</Row>}
        {stats && <Numbers stats={stats} tensor={tensor} />}
      </dl>
      {stats?.heads && stats.heads.length > 1 && <Heads heads={stats.heads} />}
    </section>
  );
}

function Numbers({ stats, tensor }: { stats: TensorStats; tensor: Tensor }) {
  const weights = tensor.rows * tensor.cols;
  const zeros = stats.zeros <= 1 && stats.zeros !== Math.floor(stats.zeros) ? stats.zeros : stats.zeros / weights;
  return (
    <>
      <Row name="weights">{count(weights)}</Row>
      <Row name="range">
        {short(stats.min)} … {short(stats.max)}
      </Row>
      <Row name="mean">{short(stats.mean)}</Row>
      <Row name="RMS">{short(stats.rms)}</Row>
      <Row name="zeros">{percent(zeros)}</Row>
      {stats.outliers !== null && <Row name="outliers > 6 σ">{count(stats.outliers)}</Row>}
      <Row name="NaN, Inf" warn={stats.nonfinite > 0}>
        {stats.nonfinite > 0 && stats.nonfinite < 1 ? percent(stats.nonfinite) : count(stats.nonfinite)}
      </Row>
    </>
  );
}

function Row({ name, warn, children }: { name: string; warn?: boolean; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class={warn ? "warn" : undefined}>{children}</dd>
    </>
  );
}

/** Norms of the heads as bars. */
function Heads({ heads }: { heads: readonly number[] }) {
  const most = Math.max(...heads.filter(Number.isFinite), 1e-30);
  const head = store.hovered.value?.element.region.head;
  return (
    <div class="heads">
      <h3>Norm of each head</h3>
      <div class="columns" style={{ gridTemplateColumns: `repeat(${heads.length}, 1fr)` }}>
        {heads.map((norm, i) => (
          <div key={i} class={i === head ? "here" : undefined} title={`head ${i}: ${short(norm)}`}>
            <i style={{ height: `${Math.max(2, (56 * (Number.isFinite(norm) ? norm : 0)) / most)}px` }} />
            {heads.length <= 16 && <b>{i}</b>}
          </div>
        ))}
      </div>
    </div>
  );
}

function Changes({ actions }: { actions: Actions }) {
  const pair = store.pair.value;
  if (!pair) return null;
  const { changes } = store;
  const map = pair.shown;
  const go = (change: Change): void => {
    const tensor = map.tensor(change.tensor);
    if (!tensor) return;
    const detail = tensor.encoding;
    actions.goTo({ kind: "tensor", title: tensor.name, detail, map, tensor, box: union(tensor.regions) });
  };
  const most = changes.value?.[0]?.relative ?? 1;
  return (
    <section class="changes" aria-label="Changes">
      <h2>Most changed</h2>
      <p class="pair">{pair.entry.label}</p>
      {changes.value === null && <p>Comparing …</p>}
      {changes.value?.length === 0 && <p>No weight differs.</p>}
      <ol>
        {changes.value?.slice(0, 50).map((change) => (
          <li key={change.tensor}>
            <button
              title={`RMS of the difference ${short(change.rms)}, largest ${short(change.max)}`}
              onClick={() => {
                go(change);
              }}
            >
              <i style={{ width: `${Math.max(1, (100 * change.relative) / most)}%` }} />
              <span>{change.tensor}</span>
              <b>{percent(change.relative)}</b>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What is under the cursor: tensor, element and value. */
export function ReadOut() {
  const hit = store.hovered.value;
  const reading = store.reading.value;
  if (!hit) {
    return (
      <output class="readout idle" aria-live="off">
        <span>between the tensors</span>
      </output>
    );
  }
  const { tensor, region, row, col } = hit.element;
  const known =
    reading?.weight.tensor === tensor.name && reading.weight.row === row && reading.weight.col === col ? reading : null;
  return (
    <output class="readout" aria-live="off">
      <span class="name" data-field="tensor">
        {tensor.name}
      </span>
      <span>
        row <b data-field="row">{row}</b>
      </span>
      <span>
        col <b data-field="col">{col}</b>
      </span>
      {tensor.layer !== null && (
        <span>
          layer <b data-field="layer">{tensor.layer}</b>
        </span>
      )}
      {region.head !== null && (
        <span>
          head <b data-field="head">{region.head}</b>
        </span>
      )}
      <span class="encoding">{tensor.encoding}</span>
      <strong data-field="value">{known ? exact(known.weight.value) : "…"}</strong>
      {known && known.second !== null && (
        <>
          <span class="arrow">→</span>
          <strong data-field="second">{exact(known.second)}</strong>
        </>
      )}
    </output>
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-GB").replaceAll(",", " ");
}

function percent(share: number): string {
  if (share === 0) return "0 %";
  const value = 100 * share;
  return `${value < 0.01 ? value.toExponential(1) : Number(value.toPrecision(3))} %`;
}
