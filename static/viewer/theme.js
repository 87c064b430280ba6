// Colours that follow Streamlit's theme.

// Jmol's colours, with carbon and hydrogen moved away from a light and a dark page.
const ON_LIGHT = { H: "#c3cdd2", C: "#56636b", N: "#3562d8", O: "#d6342c", F: "#4f9a3a", S: "#c9a400" };
const ON_DARK = { H: "#f1f5f6", C: "#87959e", N: "#5a86ff", O: "#ff5a4e", F: "#7ed36a", S: "#ffd83d" };

/** "rgb(…)" → "#rrggbb", which is what 3Dmol understands. */
function hexOf(cssColour) {
  const channels = cssColour.match(/[\d.]+/g).slice(0, 3);
  return "#" + channels.map((channel) => Math.round(Number(channel)).toString(16).padStart(2, "0")).join("");
}

function isDark(hex) {
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** The colours for a 3D view drawn on the background of `element`. */
export function themeOf(element) {
  const background = hexOf(getComputedStyle(element).backgroundColor);
  const dark = isDark(background);
  return {
    background,
    elements: dark ? ON_DARK : ON_LIGHT,
    force: dark ? "#ffab40" : "#c75000",
    frozen: dark ? "#7fb8ff" : "#2f6fd0",
    reference: dark ? "#b9c6cc" : "#5d6d76",
    tints: {
      prior: dark ? "#5cc4e0" : "#0b6d8f",
      mark: dark ? "#ffab40" : "#c75000",
      muted: dark ? "#93a3ab" : "#7d8d96",
    },
  };
}

/** Call `changed` whenever the background of `element` changes: the style sheet gives it a very short transition. */
export function watchTheme(element, changed) {
  const listener = (event) => {
    if (event.target === element && event.propertyName === "background-color") changed();
  };
  element.addEventListener("transitionend", listener);
}
