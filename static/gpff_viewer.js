// Entry point of the 3D viewer.

import { component } from "./component.js";
import { buildLayout } from "./viewer/layout.js";
import { Viewer } from "./viewer/viewer.js";

function load3Dmol() {
  globalThis.gpff3Dmol ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("3Dmol-min.js", import.meta.url);
    script.onload = () => resolve(globalThis.$3Dmol);
    script.onerror = () => {
      globalThis.gpff3Dmol = undefined; // so that the next viewer asks again
      reject(new Error("3Dmol-min.js could not be loaded; restart the app."));
    };
    document.head.append(script);
  });
  return globalThis.gpff3Dmol;
}

export default component(async (parent, tell) => {
  const [lib, parts] = await Promise.all([load3Dmol(), buildLayout(parent)]);
  return new Viewer(parts, lib, tell.event);
});
