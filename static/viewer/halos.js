// Halos around the atoms that stay where they are.

import { drawnRadius } from "./styles.js";

const LARGER = 1.55; // a halo is so many times as large as its atom
const LEAST = 0.34; // Å
export const OPACITY = 0.38;

/** The radius in Å of the halo of an atom of this element. */
export function haloRadius(symbol, style) {
  return Math.max(LEAST, LARGER * drawnRadius(symbol, style));
}

/** One shape with the halos of these atoms of a molecule at x (flat). */
export function halosAround(viewer, atoms, symbols, x, style, color) {
  const halos = viewer.addShape({ color, opacity: OPACITY });
  for (const i of atoms) {
    if (i >= symbols.length) continue;
    const radius = haloRadius(symbols[i], style);
    halos.addSphere({ center: { x: x[3 * i], y: x[3 * i + 1], z: x[3 * i + 2] }, radius });
  }
  return halos;
}
