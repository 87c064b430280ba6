// What the picture says about itself, in words.

import { measured } from "./measure.js";

const EDITING = "Drag an atom to move it, drag beside it to turn · click picks, Shift adds, double-click takes the fragment";
const OVERVIEW = "Click a molecule to see it alone; drag to turn them all";
const MOST_NAMED = 4;

/** The line under the picture: what is picked and measures, where the keyboard is, or what one can do. */
export function hintOf({ overview, editing, symbols, picked, cursor, frozen, points }) {
  const name = (atom) => `${symbols[atom]}${atom}${frozen.has(atom) ? " (frozen)" : ""}`;
  const there = picked.filter((atom) => points[atom]);
  if (overview) return OVERVIEW;
  if (there.length > MOST_NAMED) return `${there.length} atoms picked`;
  if (there.length) {
    const value = measured(there.map((atom) => points[atom]));
    return there.map(name).join(" – ") + (value ? `: ${value}` : "");
  }
  if (cursor !== null && symbols[cursor]) return `At ${name(cursor)}; Space picks it`;
  return editing && symbols.length ? EDITING : "";
}

/** What the keyboard can do, for those who do not see the picture. */
export function helpOf({ edits, editing }) {
  if (!edits) return "3D view of the molecules. Space plays, arrow keys step.";
  const picking = "3D view of a model. Arrow keys step through the atoms, Space picks one.";
  if (!editing) return picking;
  return `${picking} Shift with the arrow keys moves the picked atoms, F freezes them, Delete removes them.`;
}
