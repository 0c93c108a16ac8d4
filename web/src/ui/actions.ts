/** What buttons, keys and panels do to the map. */

import type { Choice, Norm } from "../map/quantity";
import type { SearchHit } from "./find";

export interface Actions {
  home: () => void;
  goTo: (hit: SearchHit) => void;
  choose: (choice: Choice) => void;
  scale: (norm: Norm) => void;
  compare: (pair: readonly [string, string] | null) => Promise<void>;
  copyLink: () => Promise<void>;
  savePicture: () => Promise<void>;
}
