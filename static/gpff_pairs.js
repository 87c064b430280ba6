// Entry point of the paired results.

import { component, loadStyle } from "./component.js";
import { Pairs } from "./pairs/pairs.js";

export default component(async (parent, tell) => {
  await loadStyle(parent, "pairs/pairs.css");
  return new Pairs(parent, (key) => tell.event("focus", { key, time: Date.now() }));
});
