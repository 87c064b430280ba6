// The strip under the picture: noise level and force over the steps, on a logarithmic axis in Å.

const SVG = "http://www.w3.org/2000/svg";
const PADDING = { left: 46, right: 10, top: 20, bottom: 18 };
const FLOOR = 1e-3; // Å; smaller values are drawn here
const LINES = [
  { name: "sigma", label: "noise level σ̂", help: "σ̂: the noise the model sees in the structure (Å)", dash: "" },
  {
    name: "forcePerAtom",
    label: "force per atom",
    help: "Force per atom: how far the model still wants to move each atom (pseudo-force, Å; root mean square)",
    dash: "5 3",
  },
];

function make(tag, attributes, parent, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  parent.append(node);
  return node;
}

function median(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : NaN;
}

export class Plot {
  /** `onSeek(frame)` is called when somebody points at a frame. */
  constructor(svg, onSeek) {
    this.svg = svg;
    this.onSeek = onSeek;
    this.series = [];
    this.frame = 0;
    this.expected = 1;
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      this.#seekTo(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (svg.hasPointerCapture(event.pointerId)) this.#seekTo(event);
    });
    this.observer = new ResizeObserver(() => this.#drawAll());
    this.observer.observe(svg);
  }

  destroy() {
    this.observer.disconnect();
  }

  /** Curves of one molecule, or the medians over several with each of them in the background. */
  setTracks(tracks, expected) {
    this.expected = Math.max(2, expected, ...tracks.map((track) => track.nFrames));
    this.tracks = tracks;
    this.series = LINES.map((line) => ({ ...line, values: this.#middle(line.name) }));
    this.#drawAll();
  }

  setFrame(frame) {
    this.frame = frame;
    if (!this.cursor) return;
    const x = this.#x(frame);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.series.forEach(({ label, values }, place) => {
      const value = values[frame];
      this.readings[place].textContent = value > 0 ? `${label} ${value.toPrecision(2)} Å` : label;
      this.dots[place].setAttribute("visibility", value > 0 ? "visible" : "hidden");
      if (value > 0) {
        this.dots[place].setAttribute("cx", x);
        this.dots[place].setAttribute("cy", this.#y(value));
      }
    });
  }

  #middle(name) {
    const length = Math.max(0, ...this.tracks.map((track) => track.nFrames));
    return Array.from({ length }, (_, frame) =>
      median(this.tracks.filter((track) => frame < track.nFrames).map((track) => track[name].buffer[frame])),
    );
  }

  #x(frame) {
    return PADDING.left + (frame / (this.expected - 1)) * (this.width - PADDING.left - PADDING.right);
  }

  #y(value) {
    const [low, high] = this.decades;
    const share = (Math.log10(Math.max(value, FLOOR)) - low) / (high - low);
    return this.height - PADDING.bottom - share * (this.height - PADDING.top - PADDING.bottom);
  }

  #seekTo(event) {
    const { left, width } = this.svg.getBoundingClientRect();
    const share = (event.clientX - left - PADDING.left) / (width - PADDING.left - PADDING.right);
    this.onSeek(Math.round(share * (this.expected - 1)));
  }

  #drawAll() {
    ({ width: this.width, height: this.height } = this.svg.getBoundingClientRect());
    this.svg.replaceChildren();
    make("title", {}, this.svg, [...LINES.map(({ help }) => help), "Click to go to a step."].join("\n"));
    this.cursor = null;
    if (!this.width || !this.series.some(({ values }) => values.length)) return;
    this.#chooseDecades();
    this.#drawAxes();
    this.#drawCurves();
    this.#drawLegend();
    this.cursor = make("line", { y1: PADDING.top, y2: this.height - PADDING.bottom, class: "cursor" }, this.svg);
    this.dots = this.series.map(({ name }) => make("circle", { r: 3.5, class: `dot ${name}` }, this.svg));
    this.setFrame(this.frame);
  }

  #chooseDecades() {
    const values = this.series.flatMap((series) => series.values).filter((value) => value > 0);
    const low = Math.floor(Math.log10(Math.max(FLOOR, Math.min(...values, 1))));
    this.decades = [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1))))];
  }

  #drawAxes() {
    const [low, high] = this.decades;
    const right = this.width - PADDING.right;
    for (let decade = low; decade <= high; decade++) {
      const y = this.#y(10 ** decade);
      make("line", { x1: PADDING.left, x2: right, y1: y, y2: y, class: "grid" }, this.svg);
      make("text", { x: PADDING.left - 6, y: y + 3.5, "text-anchor": "end" }, this.svg, `${10 ** decade} Å`);
    }
    const bottom = this.height - 4;
    make("text", { x: PADDING.left, y: bottom }, this.svg, "start");
    make("text", { x: right, y: bottom, "text-anchor": "end" }, this.svg, `step ${this.expected - 1}`);
  }

  #drawCurves() {
    if (this.tracks.length > 1) {
      for (const track of this.tracks) {
        const values = [...track.sigma.buffer.subarray(0, track.nFrames)];
        make("path", { d: this.#path(values), class: "faint" }, this.svg);
      }
    }
    for (const { name, dash, values } of this.series) {
      make("path", { d: this.#path(values), "stroke-dasharray": dash, class: `curve ${name}` }, this.svg);
    }
  }

  #path(values) {
    let pen = "M";
    return values
      .map((value, frame) => {
        if (!(value > 0)) {
          pen = "M";
          return "";
        }
        const point = `${pen}${this.#x(frame).toFixed(1)},${this.#y(value).toFixed(1)}`;
        pen = "L";
        return point;
      })
      .join("");
  }

  #drawLegend() {
    let x = PADDING.left;
    this.readings = this.series.map(({ name, label, dash }) => {
      make("line", { x1: x, x2: x + 22, y1: 9, y2: 9, "stroke-dasharray": dash, class: `curve ${name}` }, this.svg);
      const reading = make("text", { x: x + 27, y: 12.5 }, this.svg, label);
      x += 180;
      return reading;
    });
    if (this.tracks.length > 1 && this.width > 560) {
      const note = `medians of ${this.tracks.length} molecules`;
      make("text", { x: this.width - PADDING.right, y: 12.5, "text-anchor": "end" }, this.svg, note);
    }
  }
}
