// What the keyboard does, as tables: key → action. Letters are given in lower case.

const DIRECTIONS = {
  ArrowRight: [1, 0, 0],
  ArrowLeft: [-1, 0, 0],
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  PageUp: [0, 0, 1],
  PageDown: [0, 0, -1],
};

function keyOf(event) {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** The action of a key in the film of a run. */
export function filmAction(event, viewer) {
  const stride = event.shiftKey ? 10 : 1;
  return {
    " ": () => viewer.togglePlay(),
    ArrowRight: () => viewer.step(stride),
    ArrowLeft: () => viewer.step(-stride),
    Home: () => viewer.goTo(0),
    End: () => viewer.goToEnd(),
    g: () => viewer.choose(null),
    ",": () => viewer.neighbour(-1),
    ".": () => viewer.neighbour(1),
  }[keyOf(event)];
}

/** The action of a key that is the same everywhere. */
export function viewAction(event, viewer) {
  return {
    r: () => viewer.scene?.resetView(),
    f: () => viewer.toggle("forces"),
    p: () => viewer.toggle("prior"),
    l: () => viewer.toggleLabels(),
    c: () => viewer.nextColours(),
  }[keyOf(event)];
}

/** The action of a key with Ctrl, or Cmd on a Mac, while a model is edited. */
export function commandAction(event, editor) {
  const name = { z: event.shiftKey ? "redo" : "undo", y: "redo", a: "all", i: "invert" }[keyOf(event)];
  return name && (() => editor.command(name));
}

/** The action of a key while a model is shown: stepping through atoms, picking, moving, commands. */
export function modelAction(event, viewer) {
  const { editor } = viewer;
  const direction = DIRECTIONS[event.key];
  if (editor.enabled && direction && event.shiftKey) return () => editor.nudge(direction);
  const command = { Delete: "delete", Backspace: "delete", f: "freeze" }[keyOf(event)];
  if (editor.enabled && command) return () => event.repeat || editor.command(command); // a key held down is one press
  return {
    ArrowRight: () => viewer.stepCursor(1),
    ArrowDown: () => viewer.stepCursor(1),
    ArrowLeft: () => viewer.stepCursor(-1),
    ArrowUp: () => viewer.stepCursor(-1),
    " ": () => viewer.pickAtCursor(event.shiftKey),
    Enter: () => viewer.pickAtCursor(event.shiftKey),
    Escape: () => editor.command("none"),
  }[event.key];
}
