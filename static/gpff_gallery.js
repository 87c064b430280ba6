// Entry point of the gallery: a Streamlit component (version 2), made once and updated at every rerun.

import { Gallery } from "./gallery/gallery.js";

const mounted = new WeakMap(); // parent element → {component of the latest call, promise of the gallery}

function loadStyle(parent) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("gallery/gallery.css", import.meta.url);
  return new Promise((resolve, reject) => {
    sheet.onload = resolve;
    sheet.onerror = () => reject(new Error("The gallery's style sheet could not be loaded; restart the app."));
    parent.append(sheet);
  });
}

async function mount(parent, entry) {
  await loadStyle(parent);
  return new Gallery(parent, {
    select: (selected) => entry.component.setStateValue("selected", selected),
    focus: (molecule) => entry.component.setTriggerValue("focus", { molecule, time: Date.now() }),
  });
}

export default async function (component) {
  const { parentElement, data } = component;
  let entry = mounted.get(parentElement);
  if (!entry) {
    entry = {};
    entry.gallery = mount(parentElement, entry);
    mounted.set(parentElement, entry);
  }
  entry.component = component;
  const gallery = await entry.gallery;
  gallery.update(data);
  return () => {
    // Streamlit also cleans up after a call that a newer one overtakes, while the gallery stays on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !mounted.delete(parentElement)) return;
      parentElement.replaceChildren();
    });
  };
}
