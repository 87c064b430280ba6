// Editing a model: what the user does is drawn at once and told to Python once; what Python answers is the truth.

import { fragmentOf } from "./geometry.js";

const KEY_STEP = 0.1; // Å that picked atoms move with a key
const KEY_REST = 300; // ms without another key after which a move by keys is told

export class Editor {
  /**
   * `scene` and `selection` are the viewer's; `outbox` takes edits; `redraw()` shows the model where it is, and
   * `redrawFrozen()` which of its atoms are frozen: over the picture, because without a graphics card a new one takes a
   * tenth of a second, and Python's answer brings one anyway.
   */
  constructor({ scene, selection, outbox, redraw, redrawFrozen }) {
    Object.assign(this, { scene, selection, outbox, redraw, redrawFrozen });
    this.model = null;
    this.enabled = this.live = this.clickFreezes = false;
    this.grabbed = null;
    this.nextDrag = null;
    this.moves = 0; // number of the last edit that moved something
  }

  /**
   * Take what Python sent. Edits it has not answered yet stay as they are drawn. Returns what has to be drawn:
   * "others" for other atoms, "same" for the same ones elsewhere, or "" where nothing about them is new.
   */
  update({ frozen, selected, ...model }, { editing, live, clickFreezes, answered }) {
    Object.assign(this, { enabled: editing, live, clickFreezes });
    this.outbox.answer(answered);
    if (this.outbox.settled) for (const { id } of this.scene.shapes.shapes) this.#letGo(id);
    this.#sendNextDrag();
    const told = JSON.stringify(model);
    let news = "";
    if (told !== this.told && this.#mayTake(model)) {
      this.told = told;
      news = this.model.take(model, this.#held) ? "others" : "same";
    }
    if (this.outbox.settled || news === "others") {
      this.model.frozen = frozen;
      this.selection.reconcile(selected);
    }
    return news;
  }

  /** Start with another model. */
  begin(model) {
    [this.model, this.told, this.grabbed, this.nextDrag] = [model, null, null, null];
  }

  canDrag(thing) {
    return this.enabled && (thing.atom !== undefined || thing.shape.movable);
  }

  click(atom, { add, double }) {
    if (atom === null) {
      if (add || !this.selection.atoms.length) return;
      this.selection.set([]);
    } else if (double) {
      this.takeFragment(atom, add);
      return;
    } else if (add) this.selection.toggle(atom);
    else this.selection.set([atom]);
    this.#tell({ op: "select", atom, atoms: this.selection.atoms });
    if (this.clickFreezes && atom !== null) this.#toggleFrozen([atom]);
  }

  takeFragment(atom, add) {
    const atoms = fragmentOf(atom, this.model.bondsAt());
    if (add) this.selection.add(atoms);
    else this.selection.set(atoms);
    this.#tell({ op: "fragment", atom, add, atoms: this.selection.atoms });
    if (!this.clickFreezes) return;
    // All of it becomes as the first of the two clicks has made the atom.
    const frozen = (other) => this.model.frozen.includes(other);
    this.#toggleFrozen(atoms.filter((other) => frozen(other) !== frozen(atom)));
  }

  drag(thing, dx, dy) {
    if (!this.grabbed) this.#grab(thing);
    if (thing.atom !== undefined) this.#dragAtoms(thing.atom, dx, dy);
    else this.#dragShape(thing.shape, dx, dy);
  }

  drop(thing) {
    if (!this.grabbed) return;
    const { starts, centre } = this.grabbed;
    this.grabbed = this.nextDrag = null;
    if (thing.atom !== undefined) this.#tellMove([...starts.keys()]);
    else this.#tell({ op: "move-shape", id: thing.shape.id, centre });
  }

  /** A command by key: drawn where it is known what it does, and told. */
  command(name) {
    this.#endNudge();
    const everyone = [...Array(this.model.nAtoms).keys()];
    const chosen = {
      all: () => everyone,
      invert: () => everyone.filter((atom) => !this.selection.has(atom)),
      none: () => [],
    }[name];
    if (chosen) this.selection.set(chosen());
    this.#tell({ op: "key", name, atoms: this.selection.atoms });
    if (name === "freeze") this.#toggleFrozen(this.selection.atoms);
    if (name === "delete") this.selection.set([]); // a second press must not name the atoms that come after them
  }

  /** Move the picked atoms by a step along the screen; told once the keys rest. */
  nudge(direction) {
    const atoms = this.selection.atoms;
    if (!atoms.length) return;
    const step = this.scene.camera.alongScreen(direction, KEY_STEP);
    this.model.settle();
    for (const atom of atoms) this.model.put(atom, this.model.place(atom).map((value, k) => value + step[k]));
    this.redraw();
    this.nudged = new Set(atoms);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.#endNudge(), KEY_REST);
  }

  /** Tell of a nudge now, before anything that comes after it. */
  #endNudge() {
    if (!this.nudged) return;
    clearTimeout(this.rest);
    const atoms = [...this.nudged];
    this.nudged = null;
    this.#tellMove(atoms);
  }

  /** Atoms that the user's hand holds: Python may move all others. */
  get #held() {
    return new Set([...(this.grabbed?.starts?.keys() ?? []), ...(this.nudged ?? [])]);
  }

  /** Whether a model is newer than what is drawn: an answer to the last move, or all but the dragged atoms moved. */
  #mayTake(model) {
    const others = model.symbols !== this.model.symbols.join(" ");
    return others || this.outbox.answered >= this.moves;
  }

  #grab(thing) {
    if (thing.atom === undefined) {
      this.grabbed = { shape: thing.shape, start: this.scene.shapes.centre(thing.shape) };
      return;
    }
    const atoms = this.selection.has(thing.atom) ? this.selection.atoms : [thing.atom];
    this.model.settle();
    this.grabbed = { starts: new Map(atoms.map((atom) => [atom, this.model.place(atom)])) };
  }

  #dragAtoms(atom, dx, dy) {
    const { starts } = this.grabbed;
    const offset = this.scene.camera.displacement(starts.get(atom), dx, dy);
    for (const [moved, start] of starts) this.model.put(moved, start.map((value, k) => value + offset[k]));
    this.redraw();
    if (!this.live) return;
    const atoms = [...starts.keys()];
    const positions = atoms.map((moved) => this.model.place(moved));
    this.nextDrag = { op: "drag", atom, position: this.model.place(atom), atoms, positions };
    this.#sendNextDrag();
  }

  #dragShape(shape, dx, dy) {
    const { start } = this.grabbed;
    const offset = this.scene.camera.displacement(start, dx, dy);
    this.grabbed.centre = start.map((value, k) => value + offset[k]);
    this.scene.shapes.place(shape.id, this.grabbed.centre);
    this.scene.redrawShapes();
    if (!this.live) return;
    this.nextDrag = { op: "drag-shape", id: shape.id, centre: this.grabbed.centre };
    this.#sendNextDrag();
  }

  /** Never more than one drag is under way: Python answers as fast as it can, and the newest place counts. */
  #sendNextDrag() {
    if (!this.nextDrag || !this.outbox.settled) return;
    this.#tell(this.nextDrag);
    this.nextDrag = null;
  }

  /** What Python will do with these atoms, before it says so. */
  #toggleFrozen(atoms) {
    if (!this.enabled || !atoms.length) return;
    this.model.toggleFrozen(atoms);
    this.redrawFrozen();
  }

  #letGo(id) {
    if (this.grabbed?.shape?.id !== id) this.scene.shapes.place(id, null);
  }

  #tellMove(atoms) {
    this.told = null; // whatever Python answers counts, also if it leaves the atoms where they were
    this.moves = this.#tell({ op: "move", atoms, positions: atoms.map((atom) => this.model.place(atom)) });
  }

  #tell(edit) {
    return this.enabled ? this.outbox.push(edit) : 0;
  }
}
