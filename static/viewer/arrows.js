// Force arrows: half the force long, so that each tip is where the network expects the atom to end.

import { rotate } from "./geometry.js";

const SHORTEST = 0.05; // Å

/** One shape with all arrows of the placed molecules; null where there is nothing to draw. */
export function forceArrows(viewer, placed, time, color) {
  const arrows = viewer.addShape({ color });
  for (const { track, x, scale, matrix } of placed) {
    const forces = track.forcesAt(time);
    for (let i = 0; i < x.length && i < forces.length; i += 3) {
      const arrow = rotate(matrix, [forces[i], forces[i + 1], forces[i + 2]]).map((part) => 0.5 * scale * part);
      if (!(Math.hypot(...arrow) > SHORTEST)) continue;
      arrows.addArrow({
        start: { x: x[i], y: x[i + 1], z: x[i + 2] },
        end: { x: x[i] + arrow[0], y: x[i + 1] + arrow[1], z: x[i + 2] + arrow[2] },
        radius: 0.05,
        radiusRatio: 2.4,
        mid: 0.75,
      });
    }
  }
  return arrows;
}
