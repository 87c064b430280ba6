// Halos around the atoms that stay where they are.

import { drawnRadius } from "./styles.js";

const LARGER = 1.55; // a halo is so many times as large as its atom
const LEAST = 0.34; // Å
const OPACITY = 0.38;

/** One shape with the halos of these atoms of a molecule at x (flat). */
export function halosAround(viewer, atoms, symbols, x, style, color) {
  const halos = viewer.addShape({ color, opacity: OPACITY });
  for (const i of atoms) {
    if (i >= symbols.length) continue;
    const radius = Math.max(LEAST, LARGER * drawnRadius(symbols[i], style));
    halos.addSphere({ center: { x: x[3 * i], y: x[3 * i + 1], z: x[3 * i + 2] }, radius });
  }
  return halos;
}
