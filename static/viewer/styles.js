// How atoms and bonds are drawn, in 3Dmol's words, and how large an atom then is.

// van der Waals radii that 3Dmol draws with, in Å.
const VDW_RADIUS = { H: 1.2, C: 1.7, N: 1.55, O: 1.52, F: 1.47, Si: 2.1, P: 1.8, S: 1.8, Cl: 1.75, Br: 1.85, I: 1.98 };
const UNKNOWN_RADIUS = 1.7;

export const STYLES = {
  "ball-and-stick": { stick: { radius: 0.13 }, sphere: { scale: 0.26 } },
  stick: { stick: { radius: 0.17 } },
  sphere: { sphere: { scale: 0.95 } },
  wire: { stick: { radius: 0.045 } },
};

/** The radius in Å at which an atom of this element is drawn. */
export function drawnRadius(symbol, style) {
  const { sphere, stick } = STYLES[style];
  return sphere ? sphere.scale * (VDW_RADIUS[symbol] ?? UNKNOWN_RADIUS) : stick.radius;
}
