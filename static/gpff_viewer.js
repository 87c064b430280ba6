// Entry point of the 3D viewer: a Streamlit component (version 2). Streamlit calls the default export again at every
// rerun, mostly with the same parent element, so the viewer is made once and then only updated. A rerun that overtakes
// another may mount the component anew, with another parent and another `key` of Streamlit's; the name that Python gave
// the viewer stays, and so do the viewer, its camera and its film.

import { buildLayout } from "./viewer/layout.js";
import { Viewer } from "./viewer/viewer.js";

const GRACE = 1000; // ms that a viewer outlives the element it stood in

const mounted = new Map(); // viewer's name → {parent element, component of the latest call, promise of the viewer}

function load3Dmol() {
  globalThis.gpff3Dmol ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("3Dmol-min.js", import.meta.url);
    script.onload = () => resolve(globalThis.$3Dmol);
    script.onerror = () => reject(new Error("3Dmol-min.js could not be loaded; restart the app."));
    document.head.append(script);
  });
  return globalThis.gpff3Dmol;
}

async function mount(parent, entry) {
  const [lib, parts] = await Promise.all([load3Dmol(), buildLayout(parent)]);
  return new Viewer(parts, lib, (event, value) => entry.component.setTriggerValue(event, value));
}

export default async function (component) {
  const { parentElement, data } = component;
  let entry = mounted.get(data.name);
  if (!entry) {
    entry = { parent: parentElement };
    entry.viewer = mount(parentElement, entry);
    mounted.set(data.name, entry);
  }
  entry.component = component;
  const viewer = await entry.viewer;
  if (entry.parent !== parentElement) {
    parentElement.replaceChildren(...entry.parent.childNodes);
    entry.parent = parentElement;
  }
  parentElement.gpffViewer = viewer; // for tests in a real browser
  viewer.update(data);
  return () => {
    // Streamlit also cleans up after a call that a newer one overtakes; only the newest may end what is not on the page.
    setTimeout(() => {
      if (entry.component !== component || entry.parent.isConnected) return;
      mounted.delete(data.name);
      viewer.destroy();
      entry.parent.replaceChildren();
    }, GRACE);
  };
}
