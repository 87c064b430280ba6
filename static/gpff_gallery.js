// Entry point of the gallery.

import { component, loadStyle } from "./component.js";
import { Gallery } from "./gallery/gallery.js";

export default component(async (parent, tell) => {
  await loadStyle(parent, "gallery/gallery.css");
  return new Gallery(parent, {
    select: (selected) => tell.state("selected", selected),
    focus: (molecule) => tell.event("focus", { molecule, time: Date.now() }),
  });
});
