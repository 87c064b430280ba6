// What all our Streamlit components (version 2) share: each is made once and then told what Python says.
//
// Streamlit calls the default export at every rerun, mostly with the same parent element. Two things go against that:
// - A rerun that overtakes another may mount the component anew, with another parent and another `key` of Streamlit's.
//   The name that Python gave it stays, so it is known by that, moves, and keeps what it holds: a camera, a film, ticks.
// - Calls that wait for code can come in the wrong order. Streamlit cleans up at once after a call that another overtook;
//   where that was the last to come, what the call before said is what counts.
// All that has to be fetched is fetched first, so that a component is made at one go in an element that is on the page:
// one that has left while it waited has no size and no colours, and never will.

const GRACE = 1000; // ms that a component outlives the element it stood in

/**
 * The default export of a component. `make(parent, tell, loaded)` gives an object with `update(data)` and perhaps
 * `destroy()`; `tell.state(name, value)` and `tell.event(name, value)` report to Python. `style` is the path beside this
 * file of the sheet that it needs, and `loaded` what `load()` promises.
 */
export function component(make, { style, load } = {}) {
  const mounted = new Map(); // name → {parent element, latest call, the call before, what was made}
  let loading; // promise of the style sheet's text and of what `load` gives

  const fetched = async () => Promise.all([style && textOf(style), load?.()]);

  function ready() {
    loading ??= fetched().catch((error) => {
      loading = undefined; // the next call asks again
      throw error;
    });
    return loading;
  }

  function mount(call, [sheet, loaded]) {
    const entry = { parent: call.parentElement, call };
    const tell = {
      state: (name, value) => entry.call.setStateValue(name, value),
      event: (name, value) => entry.call.setTriggerValue(name, value),
    };
    if (sheet) putStyle(entry.parent, sheet);
    entry.made = make(entry.parent, tell, loaded);
    mounted.set(call.data.name, entry);
    return entry;
  }

  function obey(entry, call) {
    entry.before = entry.call;
    entry.call = call;
    const { parentElement } = call;
    if (entry.parent !== parentElement && (parentElement.isConnected || !entry.parent.isConnected)) {
      parentElement.replaceChildren(...entry.parent.childNodes);
      entry.parent = parentElement;
    }
    entry.parent.gpffComponent = entry.made; // for tests in a real browser
    entry.made.update(call.data);
  }

  return async function (call) {
    const needed = await ready();
    const { name } = call.data;
    if (!mounted.has(name) && !call.parentElement.isConnected) return undefined; // the call for another is on its way
    const entry = mounted.get(name) ?? mount(call, needed);
    obey(entry, call);
    return () => {
      setTimeout(() => {
        if (entry.call === call && entry.parent.isConnected && entry.before !== call) obey(entry, entry.before);
      });
      setTimeout(() => {
        if (entry.call !== call || entry.parent.isConnected) return;
        mounted.delete(name);
        entry.made.destroy?.();
        entry.parent.replaceChildren();
      }, GRACE);
    };
  };
}

function putStyle(parent, text) {
  const sheet = document.createElement("style");
  sheet.textContent = text;
  parent.append(sheet);
}

async function textOf(path) {
  const answer = await fetch(new URL(path, import.meta.url)).catch(() => ({ ok: false }));
  if (!answer.ok) throw new Error(`The style sheet ${path} could not be loaded; reload the page.`);
  return answer.text();
}

/** Draw the content of `root` anew; the control with the same `data-key` has the focus afterwards. */
export function keepFocus(root, draw) {
  const active = root.getRootNode().activeElement;
  const key = root.contains(active) ? active.dataset.key : undefined;
  draw();
  if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
