// The 3D picture: one molecule, or all of them on a grid, drawn with 3Dmol.

import { forceArrows } from "./arrows.js";
import { Camera } from "./camera.js";
import { lengths, ramp, rangeOf, shareOf } from "./colouring.js";
import { HALF_INSIDE, distanceFor, distanceForHeight, middleOf, neededRadius } from "./framing.js";
import * as geometry from "./geometry.js";
import { Grid } from "./grid.js";
import { haloRadius, halosAround } from "./halos.js";
import { withListeners } from "./listeners.js";
import { faceOn, tilted } from "./opening.js";
import { drawReference } from "./reference.js";
import { ShapeLayer } from "./shapes.js";
import { STYLES, drawnRadius } from "./styles.js";
import { themeOf } from "./theme.js";
import { webglRenderer } from "./webgl.js";

export class Scene {
  constructor(holder, lib, onView) {
    this.holder = holder;
    this.lib = lib;
    this.onView = onView;
    this.options = { style: "ball-and-stick", forces: false, prior: false, colours: "element" };
    this.priorAxes = null;
    this.reference = null; // {symbols, x}
    this.frozen = new Set();
    this.live = false; // whether the film still grows
    this.steady = false; // whether the camera keeps its distance though the atoms move
    this.owed = null; // while changes are collected: what has to be drawn after them
    this.tracks = [];
    this.focus = null;
    this.time = 0;
    this.turned = geometry.IDENTITY;
    const renderer = webglRenderer();
    if (renderer === null) throw new Error("no WebGL");
    this.sharp = !/swiftshader|llvmpipe|software/i.test(renderer); // smooth edges are for graphics cards
    this.framesDrawn = 0;
    this.camera = new Camera(holder, lib);
    this.shapes = new ShapeLayer(this.camera);
    this.#createViewer();
    this.observer = new ResizeObserver(() => this.#resized());
    this.observer.observe(holder);
  }

  destroy() {
    this.observer.disconnect();
    this.#dropViewer();
    [this.tracks, this.placed, this.atoms] = [[], [], []];
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

  /** Make several changes and draw them as one picture, which takes a tenth of a second without a graphics card. */
  together(change) {
    this.owed = "nothing";
    try {
      change();
    } finally {
      const { owed } = this;
      this.owed = null;
      if (owed === "everything") this.#rebuild();
      else if (owed === "places") this.#refresh();
    }
  }

  /** Whether changes are being collected: until they are drawn, nothing has its new place yet. */
  get isCollecting() {
    return this.owed !== null;
  }

  /** Show these molecules from now on; `focus` is the index of the one to show, null for all. */
  setMolecules(tracks, focus) {
    const before = [this.tracks.length > 0, this.isOverview].join();
    this.tracks = tracks;
    this.focus = focus;
    if ([this.tracks.length > 0, this.isOverview].join() !== before) this.forgetCamera();
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

  /** Things beside the atoms; see shapes.js. */
  setShapes(shapes) {
    if (this.shapes.set(shapes)) this.#rebuild();
  }

  /** A structure to compare with, {symbols, x}, or null. */
  setReference(reference) {
    this.reference = reference;
    this.#rebuild();
  }

  /** Atoms of the molecule in focus that wear the halo of what stays. */
  setFrozen(atoms) {
    if (atoms.length === this.frozen.size && atoms.every((atom) => this.frozen.has(atom))) return;
    this.frozen = new Set(atoms);
    this.#refresh();
  }

  /** Whether there is a picture on the page to draw into. */
  get hasSize() {
    return this.holder.clientWidth > 0 && this.holder.clientHeight > 0;
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

  /** Draw a shape where it is now, without touching anything else. */
  redrawShapes() {
    this.shapes.draw(this.viewer, this.theme);
    this.viewer.render();
    this.onView();
  }

  /** Another molecule comes: look at it from the front, at its middle. */
  forgetCamera() {
    this.turned = geometry.IDENTITY;
    this.aimed = false;
    this.camera.centre = [0, 0, 0];
    this.camera.forget();
  }

  resetView() {
    this.forgetCamera();
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

  /** [x, y, z] of the atoms of the molecule in focus; none in the overview. */
  points() {
    if (this.isOverview || !this.placed.length) return [];
    const [{ x }] = this.placed;
    return Array.from({ length: x.length / 3 }, (_, i) => [...x.subarray(3 * i, 3 * i + 3)]);
  }

  /** Where the atoms of the molecule in focus are: [{symbol, left, top, distance, radius, haloRadius}], in pixels. */
  discs() {
    const points = this.points();
    if (!points.length) return [];
    const [{ track }] = this.placed;
    const { style } = this.options;
    return this.camera.project(points).map((place, i) => {
      const symbol = track.symbols[i];
      const scale = this.camera.scaleAt(place.distance);
      return { symbol, ...place, radius: drawnRadius(symbol, style) * scale, haloRadius: haloRadius(symbol, style) * scale };
    });
  }

  /** Rectangles of the overview's cells in the picture: [{index, left, top, width, height}]. */
  cells() {
    if (!this.isOverview) return [];
    const half = this.grid.size / 2;
    return this.tracks.map((_, index) => {
      const [x, y] = this.grid.centre(index);
      const [corner, opposite] = this.camera.project([[x - half, y + half, 0], [x + half, y - half, 0]]);
      const { left, top } = corner;
      return { index, left, top, width: opposite.left - left, height: opposite.top - top };
    });
  }

  #createViewer() {
    this.theme = themeOf(this.holder);
    const config = { backgroundColor: this.theme.background, antialias: this.sharp, upscale: this.sharp, disableFog: true };
    const make = () => this.lib.createViewer(this.holder, config);
    [this.viewer, this.removeListeners] = withListeners([window, document.body], make);
    this.#skipWhileHidden();
    this.viewer.setSlab(-2000, 2000);
    this.viewer.setViewChangeCallback(() => this.onView());
    this.camera.attach(this.viewer);
    this.placed = [];
    this.model = this.arrows = this.halos = null;
    this.colouringDrawn = null;
  }

  /** 3Dmol also draws by itself, and WebGL complains of a picture without size: that of a page that is being left. */
  #skipWhileHidden() {
    const renderer = this.viewer.getRenderer();
    const render = renderer.render.bind(renderer);
    renderer.render = (...scene) => {
      if (this.hasSize) render(...scene);
    };
  }

  /**
   * Take the picture away, and what 3Dmol left on the window, which would keep it, and with it the film, for as long as
   * the tab is open. 3Dmol draws all pictures with one WebGL context, which stays.
   */
  #dropViewer() {
    this.removeListeners();
    for (const watcher of [this.viewer.divwatcher, this.viewer.intwatcher]) watcher?.disconnect();
    for (const canvas of this.holder.querySelectorAll("canvas")) canvas.remove();
  }

  /** Make the 3Dmol model anew: other molecules, another style, another theme. */
  #rebuild() {
    if (this.isCollecting) {
      this.owed = "everything";
      return;
    }
    this.viewer.removeAllModels();
    this.viewer.removeAllShapes();
    this.arrows = this.halos = null;
    this.#place();
    if (this.reference && !this.isOverview) drawReference(this.viewer, this.reference, this.theme.reference);
    this.model = this.viewer.addModel();
    let serial = 0;
    const atoms = this.placed.flatMap(({ track }) =>
      track.symbols.map((elem) => ({ elem, x: 0, y: 0, z: 0, bonds: [], bondOrder: [], serial, index: serial++ })),
    );
    this.model.addAtoms(atoms);
    this.atoms = this.model.selectedAtoms({});
    this.colouringDrawn = this.colouring;
    const colours = this.colouringDrawn
      ? { colorfunc: (atom) => this.tints[atom.index] }
      : { colorscheme: { prop: "elem", map: this.theme.elements } };
    const style = Object.entries(STYLES[this.options.style]).map(([part, spec]) => [part, { ...spec, ...colours }]);
    this.model.setStyle({}, Object.fromEntries(style));
    this.#drawPrior();
    this.shapes.draw(this.viewer, this.theme);
    this.#refresh();
  }

  /** Move the atoms of the model to where they are now. */
  #refresh() {
    if (this.isCollecting) {
      if (this.owed === "nothing") this.owed = "places";
      return;
    }
    if (this.colouring !== this.colouringDrawn) {
      this.#rebuild(); // the first forces have come, or the last are gone
      return;
    }
    this.#place();
    this.#tint();
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
    this.#drawHalos();
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

  /** Whether forces are known of anything that is shown. */
  get hasForces() {
    return this.shown.some(({ track }) => track.hasForces);
  }

  /** What the atoms are coloured by: null for their elements, also where the forces that were asked for are not known. */
  get colouring() {
    const { colours } = this.options;
    return colours === "element" || (colours === "force" && !this.hasForces) ? null : colours;
  }

  /** Colours of the atoms and the range [low, high] they stand for (Å), where they are not those of the elements. */
  #tint() {
    this.range = null;
    const { colouring } = this;
    if (!colouring) return;
    const force = colouring === "force";
    const values = this.placed.flatMap(({ track }) =>
      lengths(force ? track.forcesAt(this.time) : track.movedAt(this.time, this.#startOf(track))),
    );
    const farthest = force ? 0 : Math.max(0, ...this.placed.map(({ track }) => track.farthest(this.#startOf(track))));
    this.range = rangeOf(colouring, farthest);
    this.tints = values.map((value) => ramp(shareOf(colouring, value, this.range)));
  }

  /** What displacements of a molecule are measured from, null for its first frame. */
  #startOf(track) {
    return this.#isLike(track) ? this.reference.x : null;
  }

  #isLike(track) {
    return this.reference !== null && this.reference.symbols.join() === track.symbols.join();
  }

  #drawForces() {
    if (this.arrows) this.viewer.removeShape(this.arrows);
    this.arrows = this.options.forces ? forceArrows(this.viewer, this.placed, this.time, this.theme.force) : null;
  }

  #drawHalos() {
    if (this.halos) this.viewer.removeShape(this.halos);
    this.halos = null;
    if (!this.frozen.size || this.isOverview || !this.placed.length) return;
    const [{ track, x }] = this.placed;
    this.halos = halosAround(this.viewer, this.frozen, track.symbols, x, this.options.style, this.theme.frozen);
  }

  #drawPrior() {
    if (!this.options.prior || !this.priorAxes || this.isOverview) return;
    const axes = this.priorAxes.map((row) => row.map((value) => HALF_INSIDE * value));
    const mesh = geometry.ellipsoidMesh(axes);
    const { prior } = this.theme.tints;
    this.viewer.addCustom({ ...mesh, color: prior, opacity: 0.3 });
    this.viewer.addCustom({ ...mesh, color: prior, wireframe: true, linewidth: 1, opacity: 0.35 });
  }

  /**
   * Follow the size of the cloud, until somebody zooms by hand. The atoms of an edited model are looked at once, and
   * shapes without atoms are followed until somebody moves the camera.
   */
  #aim() {
    const size = this.holder.getBoundingClientRect();
    if (!size.width || !size.height || (this.steady && (this.aimed || this.camera.moved))) return;
    if (this.isOverview) {
      this.camera.aim(distanceForHeight(this.grid.height));
      return;
    }
    const x = this.placed[0]?.x ?? [];
    const beside = this.shapes.extent();
    if (!this.aimed && !this.camera.moved) this.camera.openFrom(this.#opening());
    if (!this.aimed) this.camera.centreOn(middleOf(x, beside));
    this.aimed = x.length > 0;
    this.camera.aim(distanceFor(neededRadius(x, beside, this.priorAxes, this.camera.centre), size));
  }

  /** A molecule, the end of its film, is seen face-on; what is no molecule yet, or a prior alone, from a corner. */
  #opening() {
    const track = this.placed[0]?.track;
    return track?.nAtoms && !this.live ? faceOn(track.positionsAt(track.nFrames - 1)) : tilted();
  }

  #resized() {
    this.viewer.resize();
    this.#refresh();
  }
}
