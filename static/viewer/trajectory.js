// What has been received of a run: for every molecule its frames, forces and noise levels.
// Positions and forces are in Å, flat arrays of 3N numbers a frame.

import { lengths } from "./colouring.js";
import { bondsByDistance, bondsOf } from "./geometry.js";

/** Base64 of little-endian float32 → Float32Array. */
export function decodeFloats(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}

/** A Float32Array that grows by doubling, so that appending a frame costs nothing on average. */
class GrowingFloats {
  constructor() {
    this.buffer = new Float32Array(0);
    this.length = 0;
  }

  push(values) {
    const needed = this.length + values.length;
    if (needed > this.buffer.length) {
      const larger = new Float32Array(Math.max(needed, 2 * this.buffer.length));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(values, this.length);
    this.length = needed;
  }
}

/** The frames of one molecule. */
export class Track {
  constructor(symbols) {
    this.symbols = symbols;
    this.positions = new GrowingFloats();
    this.forces = new GrowingFloats();
    this.sigma = new GrowingFloats();
    this.forcePerAtom = new GrowingFloats();
    this.reach = {}; // what `farthest` knows of the frames it has seen
    this.resultBonds = []; // [atom, atom, order] of the last frame, where they are known
    this.hasForces = false; // what is unknown comes as zeros
  }

  get nAtoms() {
    return this.symbols.length;
  }

  get nFrames() {
    return this.sigma.length;
  }

  push(positions, forces, sigma) {
    this.positions.push(positions);
    this.forces.push(forces);
    this.sigma.push([sigma]);
    let square = 0;
    for (const component of forces) square += component * component;
    this.hasForces ||= square > 0;
    // A molecule at rest is not looked at again, so its last force stands; 0 would leave the curve to the others.
    const atRest = square === 0 && this.forcePerAtom.length > 0;
    this.forcePerAtom.push([atRest ? this.forcePerAtom.buffer[this.forcePerAtom.length - 1] : Math.sqrt(square / this.nAtoms)]);
  }

  /** Positions at a fractional frame: between two frames, the straight line from one to the next. */
  positionsAt(time) {
    const last = this.nFrames - 1;
    const frame = Math.min(Math.floor(time), last);
    const width = 3 * this.nAtoms;
    const here = this.positions.buffer.subarray(frame * width, (frame + 1) * width);
    const part = time - frame;
    if (frame === last || part <= 0) return here;
    const next = this.positions.buffer.subarray((frame + 1) * width, (frame + 2) * width);
    return here.map((value, i) => value + part * (next[i] - value));
  }

  /** How far every coordinate is from where it was in `start`, or in the first frame (null). */
  movedAt(time, start) {
    const from = start ?? this.positionsAt(0);
    return this.positionsAt(time).map((value, i) => value - from[i]);
  }

  /** How far the atom that goes farthest is from `start`, or from the first frame (null), in any frame so far (Å). */
  farthest(start) {
    const { reach } = this;
    if (reach.start !== start) Object.assign(reach, { start, nFrames: 0, length: 0 });
    for (; reach.nFrames < this.nFrames; reach.nFrames++) {
      for (const length of lengths(this.movedAt(reach.nFrames, start))) reach.length = Math.max(reach.length, length);
    }
    return reach.length;
  }

  /** For every atom its neighbours and the orders of the bonds to them. */
  bondsAt(time) {
    if (time < this.nFrames - 1 || !this.resultBonds.length) return bondsByDistance(this.symbols, this.positionsAt(time));
    return bondsOf(this.nAtoms, this.resultBonds);
  }

  /** Forces at the frame that began last. */
  forcesAt(time) {
    const frame = Math.min(Math.floor(time), this.nFrames - 1);
    const width = 3 * this.nAtoms;
    return this.forces.buffer.subarray(frame * width, (frame + 1) * width);
  }
}

/** All molecules of one run. */
export class Trajectory {
  constructor(molecules) {
    this.tracks = molecules.map((symbols) => new Track(symbols.split(" ")));
  }

  get nFrames() {
    return Math.max(0, ...this.tracks.map((track) => track.nFrames));
  }

  /**
   * Take what is new of a chunk; chunks overlap, so that a lost message costs nothing. A chunk that leaves a gap after
   * what is here is not taken.
   */
  append(chunk) {
    const tracks = chunk.molecules.map((index) => this.tracks[index]);
    const have = tracks[0].nFrames;
    if (chunk.first > have) return;
    const positions = decodeFloats(chunk.positions);
    const forces = decodeFloats(chunk.forces);
    const sigma = decodeFloats(chunk.sigma);
    const count = sigma.length / tracks.length;
    const width = positions.length / count;
    for (let frame = have - chunk.first; frame < count; frame++) {
      let start = frame * width;
      tracks.forEach((track, place) => {
        const end = start + 3 * track.nAtoms;
        track.push(positions.subarray(start, end), forces.subarray(start, end), sigma[frame * tracks.length + place]);
        start = end;
      });
    }
  }
}
