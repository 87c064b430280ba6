// Entry point of the 3D viewer.

import { component } from "./component.js";
import { buildLayout } from "./viewer/layout.js";
import { Viewer } from "./viewer/viewer.js";

function load3Dmol() {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("3Dmol-min.js", import.meta.url);
    script.onload = () => resolve(globalThis.$3Dmol);
    script.onerror = () => reject(new Error("3Dmol-min.js could not be loaded; reload the page."));
    document.head.append(script);
  });
}

export default component((parent, tell, lib) => new Viewer(buildLayout(parent), lib, tell.event), {
  style: "viewer/viewer.css",
  load: load3Dmol,
});
