// A model that is edited: looks to the scene like a molecule with a single frame.

import { bondsByDistance, bondsOf } from "./geometry.js";
import { decodeFloats } from "./trajectory.js";

const GLIDE = 70; // ms in which atoms go to where Python sends them while one of them is dragged

export class EditedModel {
  constructor() {
    this.symbols = [];
    this.x = new Float32Array(0);
    this.bonds = [];
    this.forces = new Float32Array(0);
    this.frozen = [];
    this.nFrames = 1;
  }

  get hasForces() {
    return this.forces.length > 0;
  }

  get nAtoms() {
    return this.symbols.length;
  }

  /** Take what Python sent; atoms in `held` stay where the hand has them. Returns whether these are other atoms. */
  take(model, held = new Set()) {
    const symbols = model.symbols ? model.symbols.split(" ") : [];
    const others = symbols.join() !== this.symbols.join();
    const x = decodeFloats(model.positions);
    if (!others) for (const atom of held) x.set(this.x.subarray(3 * atom, 3 * atom + 3), 3 * atom);
    this.from = others ? null : this.x.slice();
    [this.symbols, this.x, this.goal] = [symbols, x, x];
    [this.bonds, this.forces] = [model.bonds, decodeFloats(model.forces)];
    return others;
  }

  /** Go to the new places smoothly; calls `draw` for every picture in between. */
  glide(draw) {
    cancelAnimationFrame(this.gliding);
    const { from, goal } = this;
    if (!from || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      draw();
      return;
    }
    const start = performance.now();
    this.x = from.slice();
    const tick = (now) => {
      const part = Math.min(1, Math.max(0, now - start) / GLIDE);
      for (let i = 0; i < this.x.length; i++) {
        this.x[i] = from[i] + part * (goal[i] - from[i]);
      }
      draw();
      if (part < 1 && this.goal === goal) this.gliding = requestAnimationFrame(tick);
    };
    tick(start);
  }

  /** Be where Python said at once. */
  settle() {
    cancelAnimationFrame(this.gliding);
    this.x = this.goal ?? this.x;
  }

  /** Freeze these atoms, or free them if all of them are frozen. */
  toggleFrozen(atoms) {
    const others = this.frozen.filter((atom) => !atoms.includes(atom));
    this.frozen = others.length + atoms.length === this.frozen.length ? others : [...others, ...atoms];
  }

  positionsAt() {
    return this.x;
  }

  /** It is where it is: what a viewer has coloured of a film before goes on, with nothing to say. */
  movedAt() {
    return new Float32Array(this.x.length);
  }

  farthest() {
    return 0;
  }

  bondsAt() {
    return this.bonds.length ? bondsOf(this.nAtoms, this.bonds) : bondsByDistance(this.symbols, this.x);
  }

  forcesAt() {
    return this.forces;
  }

  place(atom) {
    return [...this.x.subarray(3 * atom, 3 * atom + 3)];
  }

  put(atom, position) {
    for (const places of new Set([this.x, this.from, this.goal])) places?.set(position, 3 * atom);
  }
}
