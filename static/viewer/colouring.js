// Colours that say how far an atom has moved or how hard it is pulled, and the legend that says what they mean.

// Viridis at nine places: even steps of lightness, told apart by colour-blind eyes.
const RAMP = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const CHANNELS = RAMP.map((hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16)));
const SMALLEST_RANGE = 0.01; // Å
const FORCES = [0.01, 10]; // Å; what a film goes through from cloud to molecule, in steps of equal ratio

export const COLOURINGS = {
  displacement: "Moved (Å)",
  force: "Pseudo-force (Å)",
};

/** What the two ends of the colours stand for, the same for every frame of a film that moves atoms by `farthest`. */
export function rangeOf(colouring, farthest) {
  return colouring === "force" ? FORCES : [0, niceRange(farthest)];
}

/** The place of a value between the ends, 0 to 1; forces by their ratios, since they fall by powers of ten. */
export function shareOf(colouring, value, [low, high]) {
  if (colouring !== "force") return value / high;
  return Math.log(Math.max(value, low) / low) / Math.log(high / low);
}

/** The colour of a share between 0 and 1. */
export function ramp(share) {
  const place = Math.max(0, Math.min(1, share)) * (RAMP.length - 1);
  const here = Math.min(Math.floor(place), RAMP.length - 2);
  const mixed = CHANNELS[here].map((low, k) => Math.round(low + (place - here) * (CHANNELS[here + 1][k] - low)));
  return "#" + mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("");
}

/** The next of 1, 2, 5, 10 … above. */
function niceRange(largest) {
  const value = Math.max(largest, SMALLEST_RANGE);
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * (1 - 1e-9));
}

/** Length of every atom's part of a flat array of 3N numbers. */
export function lengths(flat) {
  return Array.from({ length: flat.length / 3 }, (_, i) => Math.hypot(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]));
}

/** Show the legend of a range [low, high], or hide it with null. */
export function drawLegend(element, text, range) {
  element.hidden = !range;
  if (!range) return;
  const [title, bar, low, high] = element.children;
  title.textContent = text;
  bar.style.background = `linear-gradient(to right, ${RAMP.join(", ")})`;
  [low.textContent, high.textContent] = range.map((end) => String(Number(end.toPrecision(2))));
}
