// Entry point of the paired results: a Streamlit component (version 2), made once and updated at every rerun.

import { Pairs } from "./pairs/pairs.js";

const mounted = new WeakMap(); // parent element → {component of the latest call, promise of the pairs}

function loadStyle(parent) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("pairs/pairs.css", import.meta.url);
  return new Promise((resolve, reject) => {
    sheet.onload = resolve;
    sheet.onerror = () => reject(new Error("The style sheet of the results could not be loaded; restart the app."));
    parent.append(sheet);
  });
}

async function mount(parent, entry) {
  await loadStyle(parent);
  return new Pairs(parent, (key) => entry.component.setTriggerValue("focus", { key, time: Date.now() }));
}

export default async function (component) {
  const { parentElement, data } = component;
  let entry = mounted.get(parentElement);
  if (!entry) {
    entry = {};
    entry.pairs = mount(parentElement, entry);
    mounted.set(parentElement, entry);
  }
  entry.component = component;
  (await entry.pairs).update(data);
  return () => {
    // Streamlit also cleans up after a call that a newer one overtakes, while the pairs stay on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !mounted.delete(parentElement)) return;
      parentElement.replaceChildren();
    });
  };
}
