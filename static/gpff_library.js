// Entry point of the library's table: a Streamlit component (version 2), made once and updated at every rerun.

import { Table } from "./library/table.js";

const mounted = new WeakMap(); // parent element → {component of the latest call, promise of the table}

function loadStyle(parent) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("library/table.css", import.meta.url);
  return new Promise((resolve, reject) => {
    sheet.onload = resolve;
    sheet.onerror = () => reject(new Error("The table's style sheet could not be loaded; restart the app."));
    parent.append(sheet);
  });
}

async function mount(parent, entry) {
  await loadStyle(parent);
  const tell = (name, value) => entry.component.setTriggerValue(name, { ...value, time: Date.now() });
  return new Table(parent, {
    // With its time, as the same ticks can come twice: after a deletion that was undone they are news again.
    select: (ids) => entry.component.setStateValue("selected", { ids, time: Date.now() }),
    focus: (id) => tell("focus", { id }),
    star: (changes) => tell("stars", { changes }),
    sort: (name) => tell("sort", { name }),
  });
}

export default async function (component) {
  const { parentElement, data } = component;
  let entry = mounted.get(parentElement);
  if (!entry) {
    entry = {};
    entry.table = mount(parentElement, entry);
    mounted.set(parentElement, entry);
  }
  entry.component = component;
  const table = await entry.table;
  table.update(data);
  return () => {
    // Streamlit also cleans up after a call that a newer one overtakes, while the table stays on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !mounted.delete(parentElement)) return;
      parentElement.replaceChildren();
    });
  };
}
