// The 3D picture: one molecule, or all of them on a grid, drawn with 3Dmol.

import * as geometry from "./geometry.js";
import { Grid } from "./grid.js";
import { themeOf } from "./theme.js";
import { webglRenderer } from "./webgl.js";

const CAMERA_DISTANCE = 150; // 3Dmol's, in Å
const HALF_FIELD_OF_VIEW = (10 * Math.PI) / 180; // 3Dmol's
const MARGIN = 1.35; // a molecule fills 1/1.35 of the picture
const SHORTEST_ARROW = 0.05; // Å
const HALF_INSIDE = 1.5382; // half of a normal distribution in 3D lies within so many standard deviations
const FRONT_VIEW = [0, 0, 0, 0, 0, 0, 0, 1]; // 3Dmol's: shift, zoom, rotation

const STYLES = {
  "ball-and-stick": { stick: { radius: 0.13 }, sphere: { scale: 0.26 } },
  stick: { stick: { radius: 0.17 } },
  sphere: { sphere: { scale: 0.95 } },
};

export class Scene {
  constructor(holder, lib, onView) {
    this.holder = holder;
    this.lib = lib;
    this.onView = onView;
    this.options = { style: "ball-and-stick", forces: false, prior: false };
    this.priorAxes = null;
    this.tracks = [];
    this.focus = null;
    this.time = 0;
    this.turned = geometry.IDENTITY;
    const renderer = webglRenderer();
    if (renderer === null) throw new Error("no WebGL");
    this.sharp = !/swiftshader|llvmpipe|software/i.test(renderer); // smooth edges are for graphics cards
    this.framesDrawn = 0;
    this.zoomedByHand = false;
    this.aimedAt = null; // camera position of the last automatic zoom
    this.#createViewer();
    this.observer = new ResizeObserver(() => this.#resized());
    this.observer.observe(holder);
  }

  destroy() {
    this.observer.disconnect();
    this.#dropViewer();
  }

  /** Twice the resolution: smoother edges, several times the work. */
  setSharp(sharp) {
    const view = this.viewer.getView();
    this.sharp = sharp;
    this.#dropViewer();
    this.#createViewer();
    this.viewer.setView(view);
    this.#rebuild();
  }

  /** Show these molecules from now on; `focus` is the index of the one to show, null for all. */
  setMolecules(tracks, focus) {
    const before = [this.tracks.length > 0, this.isOverview].join();
    this.tracks = tracks;
    this.focus = focus;
    if ([this.tracks.length > 0, this.isOverview].join() !== before) this.#forgetCamera();
    this.#rebuild();
  }

  setOption(name, value) {
    this.options[name] = value;
    this.#rebuild();
  }

  /** Half-axes of the prior as columns, one standard deviation long (3×3, Å), or null. */
  setPrior(axes) {
    if (JSON.stringify(axes) === JSON.stringify(this.priorAxes)) return;
    this.priorAxes = axes;
    this.#rebuild();
  }

  get isOverview() {
    return this.focus === null && this.tracks.length > 1;
  }

  get shown() {
    const all = this.tracks.map((track, index) => ({ track, index }));
    return all.filter(({ track, index }) => track.nFrames && (this.isOverview || index === this.focus));
  }

  draw(time) {
    this.time = time;
    const waiting = this.shown.length !== this.placed.length;
    if (waiting) this.#rebuild();
    else this.#refresh();
  }

  resetView() {
    this.#forgetCamera();
    this.#refresh();
  }

  retheme() {
    this.theme = themeOf(this.holder);
    this.viewer.setBackgroundColor(this.theme.background, 1);
    this.#rebuild();
  }

  png() {
    return this.viewer.pngURI();
  }

  /** Turn every molecule of the overview in its place, by a drag in pixels. */
  turn(dx, dy) {
    this.turned = geometry.matrixProduct(geometry.dragRotation(dx / 120, dy / 120), this.turned);
    this.#refresh();
  }

  /** Where the atoms of the molecule in focus are in the picture: [{text, left, top}]. */
  atomLabels() {
    if (this.isOverview) return [];
    return this.placed.flatMap(({ track, x }) =>
      track.symbols.map((symbol, i) => ({
        text: `${symbol}${i + 1}`,
        ...this.#screenPoint([x[3 * i], x[3 * i + 1], x[3 * i + 2]]),
      })),
    );
  }

  /** Rectangles of the overview's cells in the picture: [{index, left, top, width, height}]. */
  cells() {
    if (!this.isOverview) return [];
    const half = this.grid.size / 2;
    return this.tracks.map((_, index) => {
      const [x, y] = this.grid.centre(index);
      const corner = this.#screenPoint([x - half, y + half, 0]);
      const opposite = this.#screenPoint([x + half, y - half, 0]);
      return { index, ...corner, width: opposite.left - corner.left, height: opposite.top - corner.top };
    });
  }

  #createViewer() {
    this.theme = themeOf(this.holder);
    this.viewer = this.lib.createViewer(this.holder, {
      backgroundColor: this.theme.background,
      antialias: this.sharp,
      upscale: this.sharp,
      disableFog: true,
    });
    this.viewer.setSlab(-2000, 2000);
    this.viewer.setViewChangeCallback(() => this.onView());
    this.placed = [];
    this.model = this.arrows = null;
    this.priorShapes = [];
  }

  /** Take the picture away; 3Dmol draws all pictures with one WebGL context, which stays. */
  #dropViewer() {
    for (const canvas of this.holder.querySelectorAll("canvas")) canvas.remove();
  }

  /** Make the 3Dmol model anew: other molecules, another style, another theme. */
  #rebuild() {
    this.viewer.removeAllModels();
    this.viewer.removeAllShapes();
    this.arrows = null;
    this.priorShapes = [];
    this.#place();
    this.model = this.viewer.addModel();
    let serial = 0;
    const atoms = this.placed.flatMap(({ track }) =>
      track.symbols.map((elem) => ({ elem, x: 0, y: 0, z: 0, bonds: [], bondOrder: [], serial, index: serial++ })),
    );
    this.model.addAtoms(atoms);
    this.atoms = this.model.selectedAtoms({});
    const colours = { colorscheme: { prop: "elem", map: this.theme.elements } };
    const style = Object.entries(STYLES[this.options.style]).map(([part, spec]) => [part, { ...spec, ...colours }]);
    this.viewer.setStyle({}, Object.fromEntries(style));
    this.#drawPrior();
    this.#refresh();
  }

  /** Move the atoms of the model to where they are now. */
  #refresh() {
    this.#place();
    let first = 0;
    for (const { track, x, bonds } of this.placed) {
      for (let i = 0; i < track.nAtoms; i++) {
        const atom = this.atoms[first + i];
        [atom.x, atom.y, atom.z] = [x[3 * i], x[3 * i + 1], x[3 * i + 2]];
        atom.bonds = bonds[i].neighbours.map((other) => first + other);
        atom.bondOrder = bonds[i].orders;
      }
      first += track.nAtoms;
    }
    if (this.model) this.model.molObj = null; // makes 3Dmol build its meshes again
    this.#drawForces();
    this.#aim();
    this.viewer.render();
    this.framesDrawn++;
    this.onView();
  }

  /** Coordinates of every shown molecule in the picture, in `this.placed`. */
  #place() {
    if (this.isOverview) this.grid = new Grid(this.tracks, this.holder.getBoundingClientRect());
    this.placed = this.shown.map(({ track, index }) => {
      const x = track.positionsAt(this.time);
      const bonds = track.bondsAt(this.time);
      if (!this.isOverview) return { track, x, bonds, scale: 1, matrix: geometry.IDENTITY };
      const centre = geometry.centreOf(x);
      const radius = geometry.radiusOf(x, centre);
      const scale = Math.min(1, geometry.shownRadius(radius, track.nAtoms) / radius);
      const [cellX, cellY] = this.grid.centre(index);
      const moved = new Float32Array(x.length);
      for (let i = 0; i < x.length; i += 3) {
        const turned = geometry.rotate(this.turned, [x[i] - centre[0], x[i + 1] - centre[1], x[i + 2] - centre[2]]);
        moved.set([cellX + scale * turned[0], cellY + scale * turned[1], scale * turned[2]], i);
      }
      return { track, x: moved, bonds, scale, matrix: this.turned };
    });
  }

  /** One arrow an atom, half the force long: its tip is where the network expects the atom to end. */
  #drawForces() {
    if (this.arrows) this.viewer.removeShape(this.arrows);
    this.arrows = null;
    if (!this.options.forces) return;
    this.arrows = this.viewer.addShape({ color: this.theme.force });
    for (const { track, x, scale, matrix } of this.placed) {
      const forces = track.forcesAt(this.time);
      for (let i = 0; i < x.length; i += 3) {
        const force = geometry.rotate(matrix, [forces[i], forces[i + 1], forces[i + 2]]);
        const arrow = force.map((part) => 0.5 * scale * part);
        if (!(Math.hypot(...arrow) > SHORTEST_ARROW)) continue;
        this.arrows.addArrow({
          start: { x: x[i], y: x[i + 1], z: x[i + 2] },
          end: { x: x[i] + arrow[0], y: x[i + 1] + arrow[1], z: x[i + 2] + arrow[2] },
          radius: 0.05,
          radiusRatio: 2.4,
          mid: 0.75,
        });
      }
    }
  }

  #drawPrior() {
    if (!this.options.prior || !this.priorAxes || this.isOverview) return;
    const axes = this.priorAxes.map((row) => row.map((value) => HALF_INSIDE * value));
    const mesh = geometry.ellipsoidMesh(axes);
    const { prior } = this.theme;
    this.viewer.addCustom({ ...mesh, color: prior, opacity: 0.3 });
    this.viewer.addCustom({ ...mesh, color: prior, wireframe: true, linewidth: 1, opacity: 0.35 });
  }

  /** Follow the size of the cloud, until somebody zooms by hand. */
  #aim() {
    const group = this.viewer.rotationGroup;
    if (this.aimedAt !== null && group.position.z !== this.aimedAt) this.zoomedByHand = true;
    if (this.zoomedByHand) return;
    const { width, height } = this.holder.getBoundingClientRect();
    if (!width || !height) return;
    const distance = this.isOverview
      ? this.grid.height / 2 / Math.tan(HALF_FIELD_OF_VIEW)
      : this.#cloudDistance(width / height);
    this.aimedAt = group.position.z = CAMERA_DISTANCE - distance;
  }

  #cloudDistance(aspect) {
    if (!this.placed.length) return this.#priorDistance(aspect);
    const [{ track, x }] = this.placed;
    const { nAtoms } = track;
    const usual = geometry.typicalRadius(nAtoms);
    const radius = geometry.radiusOf(x, [0, 0, 0]);
    const apparent = geometry.shownRadius(radius, nAtoms) / (MARGIN * usual);
    const half = Math.max(radius, usual) / Math.min(1, apparent);
    return half / Math.sin(HALF_FIELD_OF_VIEW) / Math.min(1, aspect);
  }

  /** Far enough for the prior alone, before there are molecules. */
  #priorDistance(aspect) {
    const longest = Math.max(1, ...[0, 1, 2].map((j) => Math.hypot(...(this.priorAxes ?? []).map((row) => row[j]))));
    return (1.6 * HALF_INSIDE * longest) / Math.sin(HALF_FIELD_OF_VIEW) / Math.min(1, aspect);
  }

  #forgetCamera() {
    this.zoomedByHand = false;
    this.aimedAt = null;
    this.turned = geometry.IDENTITY;
    this.viewer.setView([...FRONT_VIEW]);
  }

  #resized() {
    this.viewer.resize();
    this.#refresh();
  }

  #screenPoint([x, y, z]) {
    const point = this.viewer.modelToScreen({ x, y, z });
    const { left, top } = this.holder.getBoundingClientRect();
    return { left: point.x - left - window.scrollX, top: point.y - top - window.scrollY };
  }
}
