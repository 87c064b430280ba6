// Entry point of the paired results.

import { component } from "./component.js";
import { Pairs } from "./pairs/pairs.js";

function make(parent, tell) {
  return new Pairs(parent, (key) => tell.event("focus", { key, time: Date.now() }));
}

export default component(make, { style: "pairs/pairs.css" });
