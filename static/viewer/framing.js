// How much of the model the picture shows: where its middle is and how far away the camera stands.

import { HALF_FIELD_OF_VIEW } from "./camera.js";
import { centreOf, radiusOf, shownRadius, typicalRadius } from "./geometry.js";

const MARGIN = 1.35; // a molecule fills 1/1.35 of the picture
const BESIDE_MARGIN = 1.1;
export const HALF_INSIDE = 1.5382; // half of a normal distribution in 3D lies within so many standard deviations

/** The middle of what is there to see: of the atoms x (flat), else of the points beside them. */
export function middleOf(x, beside) {
  if (x.length) return centreOf(x);
  return beside.length ? centreOf(beside.flat()) : [0, 0, 0];
}

/** Radius in Å around `centre` that the picture has to show of atoms, points beside them and a prior alone. */
export function neededRadius(x, beside, priorAxes, centre) {
  const around = beside.length ? BESIDE_MARGIN * radiusOf(beside.flat(), centre) : 0;
  if (!x.length) return Math.max(around, around ? 0 : priorRadius(priorAxes));
  const nAtoms = x.length / 3;
  const usual = typicalRadius(nAtoms);
  const radius = radiusOf(x, centre);
  const apparent = shownRadius(radius, nAtoms) / (MARGIN * usual);
  return Math.max(around, Math.max(radius, usual) / Math.min(1, apparent));
}

/** How far the camera stands to show a ball of this radius in a picture of this width and height. */
export function distanceFor(radius, { width, height }) {
  return radius / Math.sin(HALF_FIELD_OF_VIEW) / Math.min(1, width / height);
}

/** How far the camera stands to show so many Å from top to bottom of a flat picture. */
export function distanceForHeight(height) {
  return height / 2 / Math.tan(HALF_FIELD_OF_VIEW);
}

function priorRadius(axes) {
  const longest = Math.max(1, ...[0, 1, 2].map((j) => Math.hypot(...(axes ?? []).map((row) => row[j]))));
  return 1.6 * HALF_INSIDE * longest;
}
