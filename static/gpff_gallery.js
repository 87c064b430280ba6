// Entry point of the gallery.

import { component } from "./component.js";
import { Gallery } from "./gallery/gallery.js";

function make(parent, tell) {
  return new Gallery(parent, {
    select: (selected) => tell.state("selected", selected),
    focus: (molecule) => tell.event("focus", { molecule, time: Date.now() }),
  });
}

export default component(make, { style: "gallery/gallery.css" });
