// Where the molecules of the overview stand: square cells in rows, all of one size, in Å around the origin.

import { typicalRadius } from "./geometry.js";

const MARGIN = 1.12; // a cell is so many times as wide as a molecule
const TOOLBAR = 40; // pixels that stay free at the top
const HINT = 30; // and at the bottom

export class Grid {
  /** For these tracks in a picture of so many pixels. */
  constructor(tracks, { width, height }) {
    this.size = 2 * MARGIN * Math.max(...tracks.map((track) => typicalRadius(track.nAtoms)));
    this.pictureHeight = height;
    this.#choose(tracks.length, width, Math.max(1, height - TOOLBAR - HINT));
  }

  /** The number of columns with which the cells come out largest. */
  #choose(count, width, height) {
    let largest = 1e-9; // a hidden picture has no size
    [this.columns, this.rows] = [count, 1];
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns);
      const pixels = Math.min(width / columns, height / rows);
      if (pixels > largest) [largest, this.columns, this.rows] = [pixels, columns, rows];
    }
    this.perPixel = this.size / largest;
  }

  /** Height of the whole picture in Å. */
  get height() {
    return this.pictureHeight * this.perPixel;
  }

  /** [x, y] of the centre of a cell. */
  centre(index) {
    const column = index % this.columns;
    const row = Math.floor(index / this.columns);
    const lowered = ((TOOLBAR - HINT) / 2) * this.perPixel;
    return [(column - (this.columns - 1) / 2) * this.size, ((this.rows - 1) / 2 - row) * this.size - lowered];
  }
}
