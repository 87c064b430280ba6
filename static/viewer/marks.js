// What is drawn over the picture: rings around picked atoms, the keyboard's place, lines of a measurement, and halos
// that the picture itself does not have yet.

import { OPACITY } from "./halos.js";
import { anchorOf, measured } from "./measure.js";

const SVG = "http://www.w3.org/2000/svg";
const GAP = 4; // pixels between an atom and its ring

export class Marks {
  constructor(overlay) {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "marks");
    this.svg.setAttribute("aria-hidden", "true");
    overlay.append(this.svg);
  }

  /**
   * `discs` and `points` are places of all atoms on the screen and in space; `picked` in their order; `cursor` is the
   * atom that the keyboard is at, or null; `halos` are {atoms, colour}.
   */
  draw(discs, points, picked, cursor, halos) {
    const there = picked.filter((atom) => discs[atom]);
    const around = halos.atoms.filter((atom) => discs[atom]).map((atom) => halo(discs[atom], halos.colour));
    const rings = there.map((atom) => ring(discs[atom], "picked"));
    if (cursor !== null && discs[cursor]) rings.push(ring(discs[cursor], "cursor", 2 * GAP));
    this.svg.replaceChildren(...around, ...rings, ...measurement(there.map((i) => discs[i]), there.map((i) => points[i])));
  }
}

function make(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

function ring({ left, top, radius }, className, gap = GAP) {
  return make("circle", { class: className, cx: left.toFixed(1), cy: top.toFixed(1), r: (radius + gap).toFixed(1) });
}

function halo({ left, top, haloRadius }, fill) {
  const [cx, cy, r] = [left, top, haloRadius].map((value) => value.toFixed(1));
  return make("circle", { class: "halo", cx, cy, r, fill, "fill-opacity": OPACITY });
}

function measurement(places, points) {
  const text = measured(points);
  if (!text) return [];
  const path = places.map(({ left, top }, i) => `${i ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`).join("");
  const { left, top } = anchorOf(places);
  const at = { x: left.toFixed(1), y: (top - 6).toFixed(1), class: "measured" };
  return [make("path", { class: "measure", d: path }), make("text", at, text)];
}
