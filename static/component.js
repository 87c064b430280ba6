// What all our Streamlit components (version 2) share: each is made once and then told what Python says.
//
// Streamlit calls the default export at every rerun, mostly with the same parent element. Two things go against that:
// - A rerun that overtakes another may mount the component anew, with another parent and another `key` of Streamlit's.
//   The name that Python gave it stays, so it is known by that, moves, and keeps what it holds: a camera, a film, ticks.
// - Calls that wait for code to load can come in the wrong order. Streamlit cleans up at once after a call that another
//   overtook; where that was the last to come, what the call before said is what counts.

const GRACE = 1000; // ms that a component outlives the element it stood in

/**
 * The default export of a component. `make(parent, tell)` gives, or promises, an object with `update(data)` and perhaps
 * `destroy()`; `tell.state(name, value)` and `tell.event(name, value)` report to Python.
 */
export function component(make) {
  const mounted = new Map(); // name → {parent element, latest call, the call before, promise of what was made}

  function mount(call) {
    const entry = { parent: call.parentElement, call };
    const tell = {
      state: (name, value) => entry.call.setStateValue(name, value),
      event: (name, value) => entry.call.setTriggerValue(name, value),
    };
    entry.made = Promise.resolve(make(call.parentElement, tell));
    mounted.set(call.data.name, entry);
    entry.made.catch(() => mounted.delete(call.data.name)); // the next call tries again
    return entry;
  }

  function obey(entry, call, made) {
    entry.before = entry.call;
    entry.call = call;
    const { parentElement } = call;
    if (entry.parent !== parentElement && (parentElement.isConnected || !entry.parent.isConnected)) {
      parentElement.replaceChildren(...entry.parent.childNodes);
      entry.parent = parentElement;
    }
    entry.parent.gpffComponent = made; // for tests in a real browser
    made.update(call.data);
  }

  return async function (call) {
    const entry = mounted.get(call.data.name) ?? mount(call);
    const made = await entry.made;
    obey(entry, call, made);
    return () => {
      setTimeout(() => {
        if (entry.call === call && entry.parent.isConnected && entry.before !== call) obey(entry, entry.before, made);
      });
      setTimeout(() => {
        if (entry.call !== call || entry.parent.isConnected) return;
        mounted.delete(call.data.name);
        made.destroy?.();
        entry.parent.replaceChildren();
      }, GRACE);
    };
  };
}

/** Draw the content of `root` anew; the control with the same `data-key` has the focus afterwards. */
export function keepFocus(root, draw) {
  const active = root.getRootNode().activeElement;
  const key = root.contains(active) ? active.dataset.key : undefined;
  draw();
  if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

const styles = new Map(); // address → promise of the text

/**
 * Put a style sheet, by its path beside this file, into a parent; a promise that it is there.
 *
 * It is fetched on its own: a link that leaves the page before it has loaded, with the parent that a rerun replaces,
 * never says that it has, and what waits for it would wait for ever.
 */
export async function loadStyle(parent, path) {
  const address = new URL(path, import.meta.url).href;
  if (!styles.has(address)) styles.set(address, fetched(address, path));
  const sheet = document.createElement("style");
  sheet.textContent = await styles.get(address);
  parent.append(sheet);
}

async function fetched(address, path) {
  const answer = await fetch(address).catch(() => ({ ok: false }));
  if (answer.ok) return answer.text();
  styles.delete(address); // so that the next one asks again
  throw new Error(`The style sheet ${path} could not be loaded; restart the app.`);
}
