// The elements of the viewer, and a way to find them by name.

// 16×16 outlines, drawn in the colour of the text.
const ICONS = {
  all: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
  forces: "M3 13 13 3M6 3h7v7",
  prior: "M8 4c3.6 0 6 1.8 6 4s-2.4 4-6 4-6-1.8-6-4 2.4-4 6-4zM2 8h12",
  labels: "M2 3h7l5 5-5 5H2zM5 8h3",
  sharp: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  reset: "M3 8a5 5 0 1 1 1.5 3.6M3 13V9.5h3.5",
  png: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  fullscreen: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  play: "M4 2.5v11l9-5.5z",
  pause: "M4.5 2.5v11M11.5 2.5v11",
  loop: "M3 7a4 4 0 0 1 4-3h6M11 2l2 2-2 2M13 9a4 4 0 0 1-4 3H3M5 14l-2-2 2-2",
};

export function icon(name) {
  return `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}

const HTML = `
<div class="viewer" tabindex="0" role="application" aria-label="3D view of the molecules. Space plays, arrow keys step.">
  <div class="stage">
    <div class="picture"></div>
    <div class="overlay"></div>
    <div class="bar top">
      <span class="group" data-part="molecules">
        <button data-part="all" title="All molecules at once (G)">${icon("all")}All</button>
        <button data-part="previous" title="Previous molecule ( , )" aria-label="Previous molecule">‹</button>
        <span data-part="name" aria-live="polite"><span class="word">Molecule </span><span data-part="number"></span></span>
        <button data-part="next" title="Next molecule ( . )" aria-label="Next molecule">›</button>
      </span>
      <span class="space"></span>
      <span class="group">
        <select data-part="style" title="How atoms and bonds are drawn" aria-label="Style">
          <option value="ball-and-stick">Ball and stick</option>
          <option value="stick">Stick</option>
          <option value="sphere">Spheres</option>
          <option value="wire">Wire</option>
        </select>
        <select data-part="colours" title="What the colours of the atoms say (C)" aria-label="Colours">
          <option value="element">Elements</option>
          <option value="displacement">Displacement</option>
          <option value="force">Pseudo-force</option>
        </select>
        <button data-part="forces" aria-pressed="false" title="Force arrows (F): each ends where the network now expects the atom">${icon("forces")}Forces</button>
        <button data-part="prior" aria-pressed="false" title="Prior (P): half of the atoms start inside this ellipsoid">${icon("prior")}Prior</button>
        <button data-part="labels" aria-pressed="false" title="Element and number of every atom, counted from 0 (L)">${icon("labels")}Labels</button>
        <button data-part="sharp" aria-pressed="false" title="Smoother edges; slower on computers without a graphics card">${icon("sharp")}Sharp</button>
        <button data-part="reset" title="Reset the view (R)" aria-label="Reset the view">${icon("reset")}</button>
        <button data-part="png" title="Save the picture as PNG" aria-label="Save the picture as PNG">${icon("png")}PNG</button>
        <button data-part="fullscreen" title="Fullscreen" aria-label="Fullscreen">${icon("fullscreen")}</button>
      </span>
    </div>
    <p class="message" data-part="message" role="status"></p>
    <p class="legend" data-part="legend" hidden><span></span><i></i><span></span><span></span></p>
    <p class="hint" data-part="hint" role="status"></p>
  </div>
  <div class="bar player" data-part="film">
    <button data-part="play" title="Play or pause (Space)" aria-label="Play">${icon("play")}</button>
    <input data-part="frame" type="range" min="0" max="0" value="0" aria-label="Step" title="Step (arrow keys; Home, End)">
    <output data-part="count"></output>
    <select data-part="speed" title="Speed" aria-label="Speed">
      <option value="0.25">¼×</option><option value="0.5">½×</option><option value="1" selected>1×</option>
      <option value="2">2×</option><option value="4">4×</option>
    </select>
    <button data-part="loop" aria-pressed="false" title="Play again and again">${icon("loop")}Loop</button>
  </div>
  <svg class="plot" role="img" aria-label="Noise level and force per atom over the steps, in Å. Click to go to a step."></svg>
</div>`;

/** Build the viewer inside `parent`. */
export function buildLayout(parent) {
  const template = document.createElement("template");
  template.innerHTML = HTML.trim();
  const root = template.content.firstElementChild;
  parent.append(root);
  const parts = {
    root,
    stage: root.querySelector(".stage"),
    picture: root.querySelector(".picture"),
    overlay: root.querySelector(".overlay"),
    plot: root.querySelector(".plot"),
  };
  for (const element of root.querySelectorAll("[data-part]")) parts[element.dataset.part] = element;
  return parts;
}
