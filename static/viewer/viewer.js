// Brings the parts together: what Python sends, what the user does, and what is drawn.

import { COLOURINGS, drawLegend } from "./colouring.js";
import { EditedModel } from "./edited.js";
import { Editor } from "./editor.js";
import { commandAction, filmAction, modelAction, viewAction } from "./keys.js";
import { hintOf } from "./hint.js";
import { Link } from "./links.js";
import { Marks } from "./marks.js";
import { Outbox } from "./outbox.js";
import { Overlay } from "./overlay.js";
import { atomAt } from "./picking.js";
import { Player } from "./player.js";
import { Plot } from "./plot.js";
import { listenToPointer } from "./pointer.js";
import { Scene } from "./scene.js";
import { Selection } from "./selection.js";
import { watchTheme } from "./theme.js";
import { listenToToolbar, showToolbar } from "./toolbar.js";
import { Trajectory, decodeFloats } from "./trajectory.js";

const REST = 200; // ms on a frame after which Python is told
const NO_WEBGL =
  "This browser cannot draw in 3D (WebGL is missing or switched off). Results, drawings and downloads below still work.";

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
    this.forceLabel = COLOURINGS.force;
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
      redrawFrozen: () => this.#placeOverlay(),
    });
    this.link = new Link(this);
    this.player = new Player((time) => this.#showNext(time), () => this.#played());
    this.plot = new Plot(parts.plot, (frame) => this.goTo(frame));
    this.#listen();
    this.#showState();
  }

  destroy() {
    this.player.pause();
    this.plot.destroy();
    this.outbox.close();
    this.stopListening();
    this.link.leave();
    this.scene?.destroy();
  }

  /** Whether a model is shown and not a run. */
  get edits() {
    return this.trajectory.tracks[0] instanceof EditedModel;
  }

  get isEditing() {
    return this.edits && this.editor.enabled;
  }

  /** Take what Python sent; called at every rerun, mostly with nothing new. */
  update(data) {
    this.parts.stage.style.height = data.height ? `${data.height}px` : "";
    this.withStrip = data.strip;
    this.forceLabel = data.force_label;
    if (this.scene) this.scene.together(() => this.#take(data));
    else this.#take(data);
    const empty = !this.player.nFrames && !data.shapes.length;
    this.parts.message.textContent = this.scene ? (empty || this.#isBlank ? data.message : "") : NO_WEBGL;
    this.#showProgress();
    this.#showState();
    this.link.join(data.link);
    this.#takeKeys(data.keys_for);
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

  #take(data) {
    this.#takeColours(data.colours);
    if (data.model) this.#updateModel(data);
    else this.#updateRun(data);
    this.scene?.setPrior(data.prior);
    this.scene?.setShapes(data.shapes);
    this.#takeReference(data.reference);
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
    const news = editor.update(data.model, {
      editing: data.editing,
      live: data.live_drag,
      clickFreezes: data.click_freezes,
      answered: data.answered,
    });
    if (!this.scene) return;
    this.scene.live = false;
    this.scene.setFrozen(model.frozen);
    if (news === "others") {
      if (this.cursor >= model.nAtoms) this.cursor = null;
      this.scene.setMolecules([model], 0);
    } else if (news && data.live_drag) model.glide(() => this.scene.draw(0));
    else if (news) this.scene.draw(0);
  }

  #updateRun(data) {
    if (this.scene) this.scene.live = data.live;
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
    const newBonds = this.#takeBonds(data.live ? data.bonds.map(() => []) : data.bonds);
    const before = [this.player.nFrames, this.player.live].join();
    this.growing = true; // what happens now is not the user's doing, and linked viewers need not follow
    this.player.grow(this.trajectory.nFrames, data.live);
    if (!data.live && this.player.nFrames) this.expected = this.player.nFrames; // a run may end early
    if ([this.player.nFrames, this.player.live].join() !== before) this.#plotShown();
    if (data.frame !== this.pythonFrame) {
      this.pythonFrame = data.frame;
      if (data.frame !== null) this.player.seek(data.frame);
    }
    if (this.player.nFrames && (data.chunks.length || newBonds)) this.scene?.draw(this.player.time);
    this.growing = false;
  }

  /** The bonds of the last frame; returns whether they are others than before. */
  #takeBonds(bonds) {
    const told = JSON.stringify(bonds);
    if (told === this.toldBonds) return false;
    this.toldBonds = told;
    bonds.forEach((those, index) => (this.trajectory.tracks[index].resultBonds = those));
    return true;
  }

  #takeKeys(occasion) {
    if (occasion && occasion !== this.keysFor) this.parts.root.focus({ preventScroll: true });
    this.keysFor = occasion;
  }

  #takeColours(colours) {
    if (colours === this.pythonColours) return;
    this.pythonColours = colours;
    this.setColours(colours);
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
      return new Scene(this.parts.picture, lib, () => this.#viewed());
    } catch {
      this.parts.message.textContent = NO_WEBGL;
      return null;
    }
  }

  /** Show something else than before: a run or a model. */
  #begin(trajectory, focus) {
    this.trajectory = trajectory;
    this.toldBonds = null;
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
    this.pythonFrame = null; // a frame that is asked for holds for what is new, too
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

  /** The film has come to another frame. */
  #showNext(time) {
    this.#showTime(time);
    if (!this.player.live && !this.growing) this.link.shareTime(time);
  }

  /** The camera may have moved. */
  #viewed() {
    this.#placeOverlay();
    const view = this.scene?.camera.view.join();
    if (view === this.viewedFrom) return;
    this.viewedFrom = view;
    this.link?.shareView();
  }

  /** Look through the camera of a linked viewer. */
  lookFrom(view) {
    if (this.scene && view.join() !== this.scene.camera.view.join()) this.scene.camera.view = view;
  }

  /** Show the frame that a linked viewer shows, as far as there is one. */
  showLike(time) {
    if (this.player.live || !this.player.nFrames || this.edits) return;
    this.player.seek(time);
  }

  /** See what a linked viewer sees. */
  lookLike(other) {
    this.lookFrom(other.scene.camera.view);
    if (other.player.nFrames && !other.player.live) this.showLike(other.player.time);
  }

  #showTime(time) {
    if (this.player.nFrames) this.scene?.draw(time);
    this.#showProgress();
  }

  /** What stands around the picture: the frame and its number, the legend, labels. */
  #showProgress() {
    const { parts, player } = this;
    this.plot.setFrame(player.frame);
    parts.frame.max = Math.max(player.lastFrame, (this.expected ?? 1) - 1);
    parts.frame.value = player.frame;
    const atEnd = !player.live && player.nFrames > 0 && player.frame === player.lastFrame;
    parts.count.textContent = atEnd ? "result" : `step ${player.frame} / ${Math.max(player.lastFrame, (this.expected ?? 1) - 1)}`;
    if (!this.scene) return;
    drawLegend(parts.legend, this.#legendTitle(), player.nFrames ? this.scene.range : null);
    this.#placeOverlay();
  }

  #legendTitle() {
    const { colours } = this.scene.options;
    return colours === "force" ? this.forceLabel : COLOURINGS[colours];
  }

  /** Atoms that wear lock and halo; over the picture at once, in it once Python has answered. */
  get #frozen() {
    return new Set(this.edits ? this.trajectory.tracks[0].frozen : []);
  }

  #placeOverlay() {
    if (!this.overlay || !this.scene || this.scene.isCollecting) return; // `update` does it once the picture is drawn
    if (!this.scene.hasSize) return; // nothing has a place in a picture without size: that of a page that is being left
    const there = this.player.nFrames > 0;
    this.overlay.placeCells(there ? this.scene.cells() : []);
    const needed = there && (this.showLabels || this.#frozen.size || this.selection.atoms.length || this.cursor !== null);
    const discs = needed ? this.scene.discs() : [];
    this.overlay.placeLabels([...this.#atomLabels(discs), ...this.scene.shapes.labels()]);
    const halos = {
      atoms: [...this.#frozen].filter((atom) => !this.scene.frozen.has(atom)),
      colour: this.scene.theme.frozen,
    };
    this.marks.draw(discs, needed ? this.scene.points() : [], this.selection.atoms, this.cursor, halos);
  }

  #atomLabels(discs) {
    const frozen = this.#frozen;
    const labels = discs.map(({ symbol, left, top }, i) => {
      const locked = frozen.has(i);
      return { text: this.showLabels ? `${symbol}${i}` : "", left, top, locked };
    });
    return this.showLabels ? labels : labels.filter(({ locked }) => locked);
  }

  #showPicked() {
    this.#placeOverlay();
    this.#showHint();
  }

  #showState() {
    showToolbar(this);
    this.#showHint();
  }

  #showHint() {
    const text = hintOf({
      overview: this.focus === null && this.trajectory.tracks.length > 1 && this.player.nFrames > 0,
      editing: this.isEditing,
      symbols: this.trajectory.tracks[this.focus]?.symbols ?? [],
      picked: this.selection.atoms,
      cursor: this.cursor,
      frozen: this.#frozen,
      points: this.scene?.points() ?? [],
    });
    if (this.parts.hint.textContent !== text) this.parts.hint.textContent = text;
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
    const all = [...this.parts.colours.options].filter(({ disabled }) => !disabled).map(({ value }) => value);
    this.setColours(all[(all.indexOf(this.parts.colours.value) + 1) % all.length]);
  }

  setStyle(style) {
    this.scene?.setOption("style", style);
  }

  setColours(colours) {
    this.parts.colours.value = colours;
    this.scene?.setOption("colours", colours);
    this.#showTime(this.player.time);
  }

  togglePlay() {
    this.link.takeOver();
    this.player.toggle();
  }

  step(by) {
    this.goTo(this.player.frame + by);
  }

  /** Go to a frame by the user's will. */
  goTo(frame) {
    this.player.seek(frame);
    this.#rest();
  }

  #rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("frame", { frame: this.player.frame, time: Date.now() }), REST);
  }

  /** The film has begun or ended; where it ends one rests. */
  #played() {
    const { playing, live } = this.player;
    if (this.wasPlaying && !playing && !live) this.#rest();
    this.wasPlaying = playing && !live;
    this.#showState();
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
    const { parts } = this;
    listenToToolbar(this);
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
    if (event.ctrlKey || event.metaKey) return this.isEditing ? commandAction(event, this.editor) : null;
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
    const shape = this.isEditing ? this.scene.shapes.hit(left, top) : null;
    return shape && { shape };
  }

  #hover(place, overview) {
    if (overview) this.overlay.point(place && this.overlay.cellAt(place.left, place.top));
    const over = !overview && place !== null && this.scene !== null && this.#thingAt(place) !== null;
    this.parts.picture.classList.toggle("over", over);
  }
}
