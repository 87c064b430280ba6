// A structure to compare with, translucent beside the molecule.

import { bondsByDistance } from "./geometry.js";

const OPACITY = 0.4;

/** Add a reference {symbols, x} to the picture. */
export function drawReference(viewer, { symbols, x }, color) {
  const bonds = bondsByDistance(symbols, x);
  const model = viewer.addModel();
  model.addAtoms(
    symbols.map((elem, i) => ({
      elem,
      serial: i,
      index: i,
      x: x[3 * i],
      y: x[3 * i + 1],
      z: x[3 * i + 2],
      bonds: bonds[i].neighbours,
      bondOrder: bonds[i].orders,
    })),
  );
  const look = { color, opacity: OPACITY };
  model.setStyle({}, { stick: { radius: 0.09, ...look }, sphere: { scale: 0.16, ...look } });
}
