// The buttons and lists around the picture: what they do, and what they show.

import { COLOURINGS } from "./colouring.js";
import { helpOf } from "./hint.js";
import { icon } from "./layout.js";

/** Let the toolbar steer this viewer. */
export function listenToToolbar(viewer) {
  const { parts, player } = viewer;
  parts.play.onclick = () => viewer.togglePlay();
  parts.frame.oninput = () => viewer.goTo(Number(parts.frame.value));
  parts.speed.onchange = () => (player.speed = Number(parts.speed.value));
  parts.loop.onclick = () => {
    player.loop = !player.loop;
    showToolbar(viewer);
  };
  parts.all.onclick = () => viewer.choose(null);
  parts.previous.onclick = () => viewer.neighbour(-1);
  parts.next.onclick = () => viewer.neighbour(1);
  parts.style.onchange = () => viewer.setStyle(parts.style.value);
  parts.colours.onchange = () => viewer.setColours(parts.colours.value);
  parts.forces.onclick = () => viewer.toggle("forces");
  parts.prior.onclick = () => viewer.toggle("prior");
  parts.labels.onclick = () => viewer.toggleLabels();
  parts.sharp.onclick = () => {
    viewer.scene?.setSharp(!viewer.scene.sharp);
    showToolbar(viewer);
  };
  parts.reset.onclick = () => viewer.scene?.resetView();
  parts.png.onclick = () => savePicture(viewer);
  parts.fullscreen.onclick = () =>
    document.fullscreenElement ? document.exitFullscreen() : parts.root.requestFullscreen();
}

/** Show what the viewer is doing: pressed, greyed out, hidden. */
export function showToolbar(viewer) {
  const { parts, player, edits, scene, focus } = viewer;
  const several = viewer.trajectory.tracks.length > 1;
  const empty = player.nFrames === 0;
  showPlaying(parts.play, player.playing);
  for (const part of ["play", "frame", "reset", "png"]) parts[part].disabled = empty;
  parts.reset.disabled = empty && !scene?.shapes.shapes.length;
  parts.labels.disabled = empty || focus === null;
  parts.prior.disabled = focus === null && several;
  parts.molecules.hidden = !several || empty;
  parts.film.toggleAttribute("hidden", edits);
  parts.plot.toggleAttribute("hidden", edits || !viewer.withStrip);
  parts.prior.hidden = edits;
  showWhatForcesAre(parts, viewer.forceLabel);
  const [moved, force] = ["displacement", "force"].map((name) => parts.colours.querySelector(`[value=${name}]`));
  moved.hidden = moved.disabled = edits; // one structure has not moved from anywhere
  force.disabled = parts.forces.disabled = !empty && !(scene?.hasForces ?? true);
  parts.root.classList.toggle("editing", viewer.isEditing);
  parts.name.hidden = focus === null;
  parts.number.textContent = focus === null ? "" : focus + 1;
  const pressed = {
    all: focus === null,
    loop: player.loop,
    labels: viewer.showLabels,
    sharp: scene?.sharp,
    forces: scene?.options.forces,
    prior: scene?.options.prior,
  };
  for (const [part, on] of Object.entries(pressed)) parts[part].setAttribute("aria-pressed", String(on ?? false));
  parts.root.classList.toggle("prior-shown", scene?.options.prior ?? false);
  parts.root.setAttribute("aria-label", helpOf({ edits, editing: viewer.isEditing }));
}

function showPlaying(button, playing) {
  const label = playing ? "Pause" : "Play";
  if (button.getAttribute("aria-label") === label) return;
  button.innerHTML = icon(label.toLowerCase());
  button.setAttribute("aria-label", label);
}

function savePicture({ scene, focus, edits }) {
  const link = document.createElement("a");
  link.href = scene.png();
  link.download = edits ? "model.png" : focus === null ? "molecules.png" : `molecule-${focus + 1}.png`;
  link.click();
}

/** Name the forces: the network's, which end where it expects an atom, or a file's own. */
function showWhatForcesAre({ colours, forces }, label) {
  const own = label !== COLOURINGS.force;
  [colours.querySelector("[value=force]").textContent] = label.split(" ("); // without its unit
  forces.title = `Force arrows (F): ${own ? "the forces that the file gives" : "each ends where the network now expects the atom"}`;
}
