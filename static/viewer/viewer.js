// Brings the parts together: what Python sends, what the user does, and what is drawn.

import { icon } from "./layout.js";
import { Overlay } from "./overlay.js";
import { Player } from "./player.js";
import { Plot } from "./plot.js";
import { Scene } from "./scene.js";
import { watchTheme } from "./theme.js";
import { Trajectory } from "./trajectory.js";

const CLICK_RADIUS = 4; // a press that moves less, in pixels, is a click
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
    this.showLabels = false;
    this.trajectory = new Trajectory([]);
    this.scene = this.#tryScene(lib);
    this.overlay = new Overlay(parts.overlay, (index) => this.choose(index));
    this.player = new Player((time) => this.#showTime(time), () => this.#showState());
    this.plot = new Plot(parts.plot, (frame) => this.player.seek(frame));
    this.#listen();
    this.#showState();
  }

  destroy() {
    this.player.pause();
    this.plot.destroy();
    this.scene?.destroy();
  }

  /** Take what Python sent; called at every rerun, mostly with nothing new. */
  update(data) {
    if (data.run !== this.run) this.#startRun(data);
    for (const chunk of data.chunks) this.trajectory.append(chunk);
    if (this.trajectory.nFrames < data.n_frames) this.send("gap", Date.now());
    if (data.focus !== this.pythonFocus) {
      this.pythonFocus = data.focus;
      if (data.focus !== this.focus) this.parts.root.scrollIntoView({ behavior: "smooth", block: "nearest" });
      this.#setFocus(data.focus);
    }
    this.overlay.setCaptions(data.captions);
    data.bonds.forEach((bonds, index) => (this.trajectory.tracks[index].resultBonds = data.live ? [] : bonds));
    this.scene?.setPrior(data.prior);
    const before = [this.player.nFrames, this.player.live].join();
    this.player.grow(this.trajectory.nFrames, data.live);
    if (!data.live && this.player.nFrames) this.expected = this.player.nFrames; // a run may end early
    if ([this.player.nFrames, this.player.live].join() !== before) this.#plotShown();
    this.parts.message.textContent = this.scene ? (this.player.nFrames ? "" : data.message) : NO_WEBGL;
    this.#showTime(this.player.time);
    this.#showState();
  }

  /** Show one molecule, or all with null. */
  choose(index) {
    if (index !== null && !this.trajectory.tracks[index]) return;
    this.#setFocus(index);
    this.send("focus", { molecule: this.focus, time: Date.now() });
  }

  #tryScene(lib) {
    try {
      return new Scene(this.parts.picture, lib, () => this.#placeOverlay());
    } catch {
      this.parts.message.textContent = NO_WEBGL;
      return null;
    }
  }

  #startRun(data) {
    this.run = data.run;
    this.expected = data.expected;
    this.trajectory = new Trajectory(data.molecules);
    this.player.reset(data.expected);
    this.pythonFocus = data.focus;
    this.#setFocus(data.focus);
  }

  #setFocus(index) {
    const only = this.trajectory.tracks.length === 1;
    this.focus = only ? 0 : index;
    this.scene?.setMolecules(this.trajectory.tracks, this.focus);
    this.#plotShown();
    this.#showTime(this.player.time);
    this.#showState();
  }

  #plotShown() {
    const { tracks } = this.trajectory;
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
    this.#placeOverlay();
  }

  #placeOverlay() {
    if (!this.overlay || !this.scene) return;
    const there = this.player.nFrames > 0;
    this.overlay.placeCells(there ? this.scene.cells() : []);
    this.overlay.placeLabels(there && this.showLabels ? this.scene.atomLabels() : []);
  }

  #showState() {
    const { parts, player } = this;
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
    parts.all.setAttribute("aria-pressed", String(this.focus === null));
    parts.name.textContent = this.focus === null ? "" : `Molecule ${this.focus + 1}`;
    parts.loop.setAttribute("aria-pressed", String(player.loop));
    parts.labels.setAttribute("aria-pressed", String(this.showLabels));
    parts.sharp.setAttribute("aria-pressed", String(this.scene?.sharp ?? false));
    for (const name of ["forces", "prior"]) {
      parts[name].setAttribute("aria-pressed", String(this.scene?.options[name] ?? false));
    }
    parts.root.classList.toggle("prior-shown", this.scene?.options.prior ?? false);
    const overview = several && !empty && this.focus === null;
    parts.hint.textContent = overview ? "Click a molecule to see it alone; drag to turn them all" : "";
  }

  #toggle(name) {
    if (!this.scene || this.parts[name].disabled) return;
    this.scene.setOption(name, !this.scene.options[name]);
    this.#showState();
  }

  #toggleLabels() {
    if (this.parts.labels.disabled) return;
    this.showLabels = !this.showLabels;
    this.#placeOverlay();
    this.#showState();
  }

  #step(by) {
    this.player.seek(this.player.frame + by);
  }

  #neighbour(by) {
    const count = this.trajectory.tracks.length;
    this.choose(this.focus === null ? (by > 0 ? 0 : count - 1) : (this.focus + by + count) % count);
  }

  #listen() {
    const { parts, player } = this;
    parts.play.onclick = () => player.toggle();
    parts.frame.oninput = () => player.seek(Number(parts.frame.value));
    parts.speed.onchange = () => (player.speed = Number(parts.speed.value));
    parts.loop.onclick = () => {
      player.loop = !player.loop;
      this.#showState();
    };
    parts.all.onclick = () => this.choose(null);
    parts.previous.onclick = () => this.#neighbour(-1);
    parts.next.onclick = () => this.#neighbour(1);
    parts.style.onchange = () => this.scene?.setOption("style", parts.style.value);
    parts.forces.onclick = () => this.#toggle("forces");
    parts.prior.onclick = () => this.#toggle("prior");
    parts.labels.onclick = () => this.#toggleLabels();
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
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onControl = event.target.closest("select, input");
    if (onControl && event.key.startsWith("Arrow")) return;
    if (event.key === " " && event.target.closest("button, select")) return;
    const stride = event.shiftKey ? 10 : 1;
    const action = {
      " ": () => this.player.toggle(),
      ArrowRight: () => this.#step(stride),
      ArrowLeft: () => this.#step(-stride),
      Home: () => this.player.seek(0),
      End: () => (this.player.live ? this.player.follow() : this.player.seek(this.player.lastFrame)),
      r: () => this.scene?.resetView(),
      f: () => this.#toggle("forces"),
      p: () => this.#toggle("prior"),
      l: () => this.#toggleLabels(),
      g: () => this.choose(null),
      ",": () => this.#neighbour(-1),
      ".": () => this.#neighbour(1),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (!this.player.nFrames && event.key.toLowerCase() !== "p")) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  /** In the overview a drag turns every molecule in its place and a click chooses one; else 3Dmol has the mouse. */
  #listenToPointer() {
    const { picture, root } = this.parts;
    const mine = (event) => this.focus === null && this.player.nFrames > 0 && !event.ctrlKey && !event.button;
    const keepFrom3Dmol = (event) => {
      if (mine(event) && !(event.touches?.length > 1)) event.stopPropagation();
    };
    picture.addEventListener("mousedown", keepFrom3Dmol, true);
    picture.addEventListener("touchstart", keepFrom3Dmol, true);
    // The wheel scrolls the page until somebody has clicked into the picture.
    const scrollsPage = (event) => {
      if (!root.matches(":focus-within") && !event.ctrlKey) event.stopPropagation();
    };
    picture.addEventListener("wheel", scrollsPage, { capture: true, passive: true });
    let press = null;
    picture.addEventListener("pointerdown", (event) => {
      root.focus({ preventScroll: true });
      if (!mine(event) || !event.isPrimary) return;
      press = { x: event.clientX, y: event.clientY, moved: false };
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener("pointermove", (event) => {
      if (this.focus === null) this.overlay.point(this.overlay.cellAt(event.clientX, event.clientY));
      if (!press) return;
      const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
      if (!press.moved && Math.hypot(dx, dy) < CLICK_RADIUS) return;
      press = { x: event.clientX, y: event.clientY, moved: true };
      this.scene.turn(dx, dy);
    });
    picture.addEventListener("pointerup", (event) => {
      const cell = press && !press.moved ? this.overlay.cellAt(event.clientX, event.clientY) : null;
      press = null;
      if (cell !== null) this.choose(cell);
    });
    picture.addEventListener("pointercancel", () => (press = null));
    picture.addEventListener("pointerleave", () => this.overlay.point(null));
  }

  #savePicture() {
    const link = document.createElement("a");
    link.href = this.scene.png();
    link.download = this.focus === null ? "molecules.png" : `molecule-${this.focus + 1}.png`;
    link.click();
  }
}
