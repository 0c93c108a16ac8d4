/** The page. */

import { useEffect, useRef } from "preact/hooks";
import * as store from "../state/store";
import type { Actions } from "./actions";
import { Help } from "./help";
import { Panel, ReadOut } from "./panel";
import { TopBar } from "./top_bar";

export function App({ actions, mount }: { actions: Actions; mount: (root: HTMLElement) => void }) {
  const map = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (map.current) mount(map.current);
  }, [mount]);
  return (
    <>
      <TopBar actions={actions} />
      <main>
        <div ref={map} class="map" id="map" tabIndex={0} role="application" aria-label="Map of the weights" />
        <Panel actions={actions} />
      </main>
      <footer>
        <ReadOut />
        <Status />
      </footer>
      <Messages />
      <Help />
    </>
  );
}

function Status() {
  const { x, y, zoom } = store.view.value;
  const pixels = 2 ** zoom;
  const block = 2 ** store.level.value;
  return (
    <div class="status">
      <span class={store.loading.value > 0 ? "busy" : ""} id="busy" data-settled={store.settled.value}>
        {store.loading.value > 0 ? "loading" : ""}
      </span>
      <span>{block > 1 ? `blocks of ${block} × ${block}` : "single weights"}</span>
      <span class="zoom" id="view" data-view={`${x} ${y} ${zoom}`}>
        {pixels >= 1 ? `${Number(pixels.toPrecision(3))} px a weight` : `1 : ${Number((1 / pixels).toPrecision(3))}`}
      </span>
    </div>
  );
}

function Messages() {
  const failure = store.failure.value;
  const notice = store.notice.value;
  return (
    <div class="messages" role="status">
      {failure && (
        <div class="failure">
          {failure}
          <button
            aria-label="Dismiss"
            onClick={() => {
              store.failure.value = null;
            }}
          >
            ×
          </button>
        </div>
      )}
      {notice && <div class="notice">{notice}</div>}
    </div>
  );
}
