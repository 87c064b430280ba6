// Brings the parts together: what Python sends, what the user does, and what is drawn.

import { COLOURINGS, drawLegend } from "./colouring.js";
import { EditedModel } from "./edited.js";
import { Editor } from "./editor.js";
import { commandAction, filmAction, modelAction, viewAction } from "./keys.js";
import { icon } from "./layout.js";
import { Marks } from "./marks.js";
import { measured } from "./measure.js";
import { Outbox } from "./outbox.js";
import { Overlay } from "./overlay.js";
import { atomAt } from "./picking.js";
import { Player } from "./player.js";
import { Plot } from "./plot.js";
import { listenToPointer } from "./pointer.js";
import { Scene } from "./scene.js";
import { Selection } from "./selection.js";
import { watchTheme } from "./theme.js";
import { Trajectory, decodeFloats } from "./trajectory.js";

const REST = 200; // ms on a frame after which Python is told
const NO_WEBGL =
  "This browser cannot draw in 3D (WebGL is missing or switched off). Results, drawings and downloads below still work.";
const HELP = "Click picks, Shift adds, double-click takes the fragment, dragging an atom moves it; drag beside it to turn";

export class Viewer {
  /** `send(event, value)` tells Python; `lib` is 3Dmol. */
  constructor(parts, lib, send) {
    this.parts = parts;
    this.send = send;
    this.run = null;
    this.focus = null;
    this.pythonFocus = undefined;
    this.pythonFrame = null;
    this.showLabels = false;
    this.cursor = null; // the atom that the keyboard is at
    this.trajectory = new Trajectory([]);
    this.scene = this.#tryScene(lib);
    this.marks = new Marks(parts.overlay);
    this.overlay = new Overlay(parts.overlay, (index) => this.choose(index));
    this.selection = new Selection(() => this.#showPicked());
    this.outbox = new Outbox((edits) => send("edit", edits));
    this.editor = new Editor({
      scene: this.scene,
      selection: this.selection,
      outbox: this.outbox,
      redraw: () => this.scene.draw(0),
    });
    this.player = new Player((time) => this.#showTime(time), () => this.#showState());
    this.plot = new Plot(parts.plot, (frame) => this.goTo(frame));
    this.#listen();
    this.#showState();
  }

  destroy() {
    this.player.pause();
    this.plot.destroy();
    this.outbox.close();
    this.stopListening();
    this.scene?.destroy();
  }

  get edits() {
    return this.trajectory.tracks[0] instanceof EditedModel;
  }

  /** Take what Python sent; called at every rerun, mostly with nothing new. */
  update(data) {
    this.parts.stage.style.height = data.height ? `${data.height}px` : "";
    this.#takeColours(data.colours);
    if (data.model) this.#updateModel(data);
    else this.#updateRun(data);
    this.scene?.setPrior(data.prior);
    this.scene?.setShapes(data.shapes);
    this.#takeReference(data.reference);
    const empty = !this.player.nFrames && !data.shapes.length;
    this.parts.message.textContent = this.scene ? (empty || this.#isBlank ? data.message : "") : NO_WEBGL;
    this.#showTime(this.player.time);
    this.#showState();
  }

  /** Show one molecule, or all with null. */
  choose(index) {
    if (index !== null && !this.trajectory.tracks[index]) return;
    this.#setFocus(index);
    this.send("focus", { molecule: this.focus, time: Date.now() });
  }

  get #isBlank() {
    return this.edits && !this.trajectory.tracks[0].nAtoms && !this.scene?.shapes.shapes.length;
  }

  #updateModel(data) {
    if (`model ${data.model.name}` !== this.run) {
      this.run = `model ${data.model.name}`;
      const model = new EditedModel();
      this.editor.begin(model);
      this.#begin({ tracks: [model], nFrames: 1 }, 0);
    }
    const { editor } = this;
    const model = this.trajectory.tracks[0];
    const others = editor.update(data.model, { editing: data.editing, live: data.live_drag, answered: data.answered });
    if (!this.scene) return;
    if (others) {
      if (this.cursor >= model.nAtoms) this.cursor = null;
      this.scene.setMolecules([model], 0);
    }
    this.scene.setFrozen(model.frozen);
    if (data.live_drag && !others) model.glide(() => this.scene.draw(0));
  }

  #updateRun(data) {
    if (data.run !== this.run) {
      this.run = data.run;
      this.expected = data.expected;
      this.#begin(new Trajectory(data.molecules), data.focus);
    }
    for (const chunk of data.chunks) this.trajectory.append(chunk);
    if (this.trajectory.nFrames < data.n_frames) this.send("gap", Date.now());
    if (data.focus !== this.pythonFocus) {
      this.pythonFocus = data.focus;
      if (data.focus !== this.focus) this.parts.root.scrollIntoView({ behavior: "smooth", block: "nearest" });
      this.#setFocus(data.focus);
    }
    this.overlay.setCaptions(data.captions);
    data.bonds.forEach((bonds, index) => (this.trajectory.tracks[index].resultBonds = data.live ? [] : bonds));
    const before = [this.player.nFrames, this.player.live].join();
    this.player.grow(this.trajectory.nFrames, data.live);
    if (!data.live && this.player.nFrames) this.expected = this.player.nFrames; // a run may end early
    if ([this.player.nFrames, this.player.live].join() !== before) this.#plotShown();
    if (data.frame !== this.pythonFrame) {
      this.pythonFrame = data.frame;
      if (data.frame !== null) this.player.seek(data.frame);
    }
  }

  #takeColours(colours) {
    if (colours === this.pythonColours) return;
    this.pythonColours = colours;
    this.#setColours(colours);
  }

  #takeReference(reference) {
    const told = JSON.stringify(reference);
    if (told === this.toldReference || !this.scene) return;
    this.toldReference = told;
    this.scene.setReference(
      reference && { symbols: reference.symbols.split(" "), x: decodeFloats(reference.positions) },
    );
  }

  #tryScene(lib) {
    try {
      return new Scene(this.parts.picture, lib, () => this.#placeOverlay());
    } catch {
      this.parts.message.textContent = NO_WEBGL;
      return null;
    }
  }

  /** Show something else than before: a run or a model. */
  #begin(trajectory, focus) {
    this.trajectory = trajectory;
    this.cursor = null;
    this.selection.set([]);
    this.player.reset(this.expected ?? 1);
    if (this.edits) this.player.nFrames = 1;
    if (this.scene) {
      this.scene.steady = this.edits;
      this.scene.setFrozen([]);
      this.scene.forgetCamera();
    }
    this.pythonFocus = focus;
    this.#setFocus(focus);
  }

  #setFocus(index) {
    const only = this.trajectory.tracks.length === 1;
    if (index !== this.focus) this.selection.set([]);
    this.focus = only ? 0 : index;
    this.scene?.setMolecules(this.trajectory.tracks, this.focus);
    this.#plotShown();
    this.#showTime(this.player.time);
    this.#showState();
  }

  #plotShown() {
    const tracks = this.edits ? [] : this.trajectory.tracks;
    this.plot.setTracks(this.focus === null ? tracks : [tracks[this.focus]].filter(Boolean), this.expected ?? 1);
  }

  #showTime(time) {
    const { parts, player } = this;
    if (player.nFrames) this.scene?.draw(time);
    this.plot.setFrame(player.frame);
    parts.frame.max = Math.max(player.lastFrame, (this.expected ?? 1) - 1);
    parts.frame.value = player.frame;
    const atEnd = !player.live && player.nFrames > 0 && player.frame === player.lastFrame;
    parts.count.textContent = atEnd ? "result" : `step ${player.frame} / ${Math.max(player.lastFrame, (this.expected ?? 1) - 1)}`;
    if (!this.scene) return;
    drawLegend(parts.legend, this.scene.options.colours, player.nFrames ? this.scene.range : 0);
    this.#placeOverlay();
  }

  #placeOverlay() {
    if (!this.overlay || !this.scene) return;
    const there = this.player.nFrames > 0;
    this.overlay.placeCells(there ? this.scene.cells() : []);
    const needed = there && (this.showLabels || this.scene.frozen.size || this.selection.atoms.length || this.cursor !== null);
    const discs = needed ? this.scene.discs() : [];
    this.overlay.placeLabels([...this.#atomLabels(discs), ...this.scene.shapes.labels()]);
    this.marks.draw(discs, needed ? this.scene.points() : [], this.selection.atoms, this.cursor);
  }

  #atomLabels(discs) {
    const labels = discs.map(({ symbol, left, top }, i) => {
      const locked = this.scene.frozen.has(i);
      return { text: this.showLabels ? `${symbol}${i + 1}` : "", left, top, locked };
    });
    return this.showLabels ? labels : labels.filter(({ locked }) => locked);
  }

  #showPicked() {
    this.#placeOverlay();
    this.#showHint();
  }

  #showState() {
    const { parts, player, edits } = this;
    const several = this.trajectory.tracks.length > 1;
    const empty = player.nFrames === 0;
    const playLabel = player.playing ? "Pause" : "Play";
    if (parts.play.getAttribute("aria-label") !== playLabel) {
      parts.play.innerHTML = icon(playLabel.toLowerCase());
      parts.play.setAttribute("aria-label", playLabel);
    }
    for (const part of ["play", "frame", "reset", "png", "labels"]) parts[part].disabled = empty;
    parts.labels.disabled = empty || this.focus === null;
    parts.prior.disabled = this.focus === null && several;
    parts.molecules.hidden = !several || empty;
    parts.molecules.style.display = several && !empty ? "" : "none";
    for (const part of ["film", "plot"]) parts[part].toggleAttribute("hidden", edits);
    parts.root.classList.toggle("model", edits);
    parts.root.classList.toggle("editing", edits && this.editor.enabled);
    parts.all.setAttribute("aria-pressed", String(this.focus === null));
    parts.name.textContent = this.focus === null ? "" : `Molecule ${this.focus + 1}`;
    parts.loop.setAttribute("aria-pressed", String(player.loop));
    parts.labels.setAttribute("aria-pressed", String(this.showLabels));
    parts.sharp.setAttribute("aria-pressed", String(this.scene?.sharp ?? false));
    for (const name of ["forces", "prior"]) {
      parts[name].setAttribute("aria-pressed", String(this.scene?.options[name] ?? false));
    }
    parts.root.classList.toggle("prior-shown", this.scene?.options.prior ?? false);
    parts.root.setAttribute("aria-label", this.#help());
    this.#showHint();
  }

  #help() {
    if (!this.edits) return "3D view of the molecules. Space plays, arrow keys step.";
    const picking = "3D view of a model. Arrow keys step through the atoms, Space picks one.";
    if (!this.editor.enabled) return picking;
    return `${picking} Shift with the arrow keys moves the picked atoms, F freezes them, Delete removes them.`;
  }

  /** What the picture says about itself: the picked atoms and what they measure, or what one can do. */
  #showHint() {
    const { parts, player, selection } = this;
    const symbols = this.trajectory.tracks[this.focus]?.symbols ?? [];
    const name = (atom) => `${symbols[atom]}${atom + 1}${this.scene?.frozen.has(atom) ? " (frozen)" : ""}`;
    let text = "";
    if (this.focus === null) {
      const overview = this.trajectory.tracks.length > 1 && player.nFrames;
      text = overview ? "Click a molecule to see it alone; drag to turn them all" : "";
    } else if (selection.atoms.length > 4) text = `${selection.atoms.length} atoms picked`;
    else if (selection.atoms.length) {
      const points = this.scene.points();
      const value = measured(selection.atoms.map((atom) => points[atom]));
      text = selection.atoms.map(name).join(" – ") + (value ? `: ${value}` : "");
    } else if (this.cursor !== null && symbols[this.cursor]) text = `At ${name(this.cursor)}; Space picks it`;
    else if (this.edits && this.editor.enabled && symbols.length) text = HELP;
    if (parts.hint.textContent !== text) parts.hint.textContent = text;
  }

  toggle(name) {
    if (!this.scene || this.parts[name].disabled) return;
    this.scene.setOption(name, !this.scene.options[name]);
    this.#showState();
  }

  toggleLabels() {
    if (this.parts.labels.disabled) return;
    this.showLabels = !this.showLabels;
    this.#placeOverlay();
    this.#showState();
  }

  nextColours() {
    const all = ["element", ...Object.keys(COLOURINGS)];
    this.#setColours(all[(all.indexOf(this.parts.colours.value) + 1) % all.length]);
  }

  #setColours(colours) {
    this.parts.colours.value = colours;
    this.scene?.setOption("colours", colours);
    this.#showTime(this.player.time);
  }

  step(by) {
    this.goTo(this.player.frame + by);
  }

  /** Go to a frame by the user's will. */
  goTo(frame) {
    this.player.seek(frame);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("frame", { frame: this.player.frame, time: Date.now() }), REST);
  }

  goToEnd() {
    if (this.player.live) this.player.follow();
    else this.goTo(this.player.lastFrame);
  }

  neighbour(by) {
    const count = this.trajectory.tracks.length;
    this.choose(this.focus === null ? (by > 0 ? 0 : count - 1) : (this.focus + by + count) % count);
  }

  stepCursor(by) {
    const count = this.trajectory.tracks[this.focus]?.nAtoms ?? 0;
    if (!count) return;
    this.cursor = this.cursor === null ? (by > 0 ? 0 : count - 1) : (this.cursor + by + count) % count;
    this.#showPicked();
  }

  pickAtCursor(alone) {
    if (this.cursor === null) return;
    this.#click(this.cursor, { add: !alone, double: false });
  }

  #click(atom, how) {
    if (this.edits) this.editor.click(atom, how);
    else if (atom === null) this.selection.set([]);
    else if (how.add) this.selection.toggle(atom);
    else this.selection.set([atom]);
    this.#showState();
  }

  #listen() {
    const { parts, player } = this;
    parts.play.onclick = () => player.toggle();
    parts.frame.oninput = () => this.goTo(Number(parts.frame.value));
    parts.speed.onchange = () => (player.speed = Number(parts.speed.value));
    parts.loop.onclick = () => {
      player.loop = !player.loop;
      this.#showState();
    };
    parts.all.onclick = () => this.choose(null);
    parts.previous.onclick = () => this.neighbour(-1);
    parts.next.onclick = () => this.neighbour(1);
    parts.style.onchange = () => this.scene?.setOption("style", parts.style.value);
    parts.colours.onchange = () => this.#setColours(parts.colours.value);
    parts.forces.onclick = () => this.toggle("forces");
    parts.prior.onclick = () => this.toggle("prior");
    parts.labels.onclick = () => this.toggleLabels();
    parts.sharp.onclick = () => {
      this.scene?.setSharp(!this.scene.sharp);
      this.#showState();
    };
    parts.reset.onclick = () => this.scene?.resetView();
    parts.png.onclick = () => this.#savePicture();
    parts.fullscreen.onclick = () =>
      document.fullscreenElement ? document.exitFullscreen() : parts.root.requestFullscreen();
    parts.root.addEventListener("keydown", (event) => this.#key(event));
    watchTheme(parts.picture, () => this.scene?.retheme());
    this.#listenToPointer();
  }

  #key(event) {
    const onControl = event.target.closest("select, input");
    if (onControl && event.key.startsWith("Arrow")) return;
    if ((event.key === " " || event.key === "Enter") && event.target.closest("button, select")) return;
    const action = this.#actionOf(event);
    if (!action || (!this.player.nFrames && event.key.toLowerCase() !== "p")) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #actionOf(event) {
    if (event.altKey) return null;
    if (event.ctrlKey || event.metaKey) return this.edits && this.editor.enabled ? commandAction(event, this.editor) : null;
    return (this.edits ? modelAction(event, this) : filmAction(event, this)) ?? viewAction(event, this);
  }

  /** In the overview a drag turns every molecule in its place and a click chooses one. */
  #listenToPointer() {
    const { picture, root } = this.parts;
    // The wheel scrolls the page until somebody has clicked into the picture.
    const scrollsPage = (event) => {
      if (!root.matches(":focus-within") && !event.ctrlKey) event.stopPropagation();
    };
    picture.addEventListener("wheel", scrollsPage, { capture: true, passive: true });
    picture.addEventListener("pointerdown", () => root.focus({ preventScroll: true }));
    const isOverview = () => this.focus === null && this.player.nFrames > 0;
    this.stopListening = listenToPointer(picture, {
      free: () => !isOverview(),
      grab: (place) => (this.scene && !isOverview() ? this.#thingAt(place) : null),
      canDrag: (thing) => this.edits && this.editor.canDrag(thing),
      drag: (thing, dx, dy) => this.editor.drag(thing, dx, dy),
      drop: (thing) => this.editor.drop(thing),
      turn: (dx, dy) => this.scene?.turn(dx, dy),
      hover: (place) => this.#hover(place, isOverview()),
      click: (thing, how) => {
        if (isOverview()) {
          const cell = this.overlay.cellAt(how.place.left, how.place.top);
          if (cell !== null) this.choose(cell);
        } else if (thing?.shape === undefined) this.#click(thing ? thing.atom : null, how);
      },
    });
  }

  #thingAt({ left, top }) {
    if (!this.player.nFrames) return null;
    const atom = atomAt(this.scene.discs(), left, top);
    if (atom !== null) return { atom };
    const shape = this.edits && this.editor.enabled ? this.scene.shapes.hit(left, top) : null;
    return shape && { shape };
  }

  #hover(place, overview) {
    if (overview) this.overlay.point(place && this.overlay.cellAt(place.left, place.top));
    const over = !overview && place !== null && this.scene !== null && this.#thingAt(place) !== null;
    this.parts.picture.classList.toggle("over", over);
  }

  #savePicture() {
    const link = document.createElement("a");
    link.href = this.scene.png();
    link.download = this.focus === null ? "molecules.png" : `molecule-${this.focus + 1}.png`;
    link.click();
  }
}
