// From which side something is looked at first, as a quaternion [x, y, z, w] that turns the model.

import { centreOf, dragRotation, matrixProduct } from "./geometry.js";

const FLAT = 0.4; // Å; a molecule that is thinner, as the standard deviation of its atoms, is looked at straight
const NUDGE = dragRotation(0.14, 0.14); // about 8° each way: atoms that stand behind others come out
const TILT = dragRotation(-0.6, 0.6); // about 35° each way: at less, a disc that faces the eye still looks like a ball
const SWEEPS = 12; // of Jacobi's method; three numbers a side need about five

/** Atoms at x (flat) face-on: their longest axis across, their shortest towards the eye. */
export function faceOn(x) {
  const { axes, deviations } = principalAxes(x);
  const face = nearestTurn(axes);
  return quaternion(deviations[2] < FLAT ? face : matrixProduct(NUDGE, face));
}

/** Something whose own axes mean something, as a prior's do: they stay where they point, and none is hidden. */
export function tilted() {
  return quaternion(TILT);
}

/** Principal axes of points as rows, the longest first, and the standard deviations along them. */
export function principalAxes(x) {
  const centre = centreOf(x);
  const n = Math.max(1, x.length / 3);
  const a = [0, 1, 2].map(() => [0, 0, 0]);
  for (let atom = 0; atom < x.length; atom += 3) {
    const away = centre.map((value, k) => x[atom + k] - value);
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) a[i][j] += (away[i] * away[j]) / n;
  }
  const v = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // rows turn into the axes
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [p, q] of [[0, 1], [0, 2], [1, 2]]) {
      const angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const mixed = (f, g) => [c * f - s * g, s * f + c * g];
      for (const row of a) [row[p], row[q]] = mixed(row[p], row[q]);
      for (const rows of [a, v]) {
        for (let k = 0; k < 3; k++) [rows[p][k], rows[q][k]] = mixed(rows[p][k], rows[q][k]);
      }
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j][j] - a[i][i]);
  return { axes: order.map((i) => v[i]), deviations: order.map((i) => Math.sqrt(Math.max(0, a[i][i]))) };
}

/** The rotation with these rows up to their signs that turns the model least: what was on top stays there. */
function nearestTurn([across, , towards]) {
  const first = across.map((value) => (across[0] < 0 ? -value : value));
  const third = towards.map((value) => (towards[2] < 0 ? -value : value));
  const second = [0, 1, 2].map((k) => {
    const [i, j] = [(k + 1) % 3, (k + 2) % 3];
    return third[i] * first[j] - third[j] * first[i];
  });
  return [first, second, third];
}

function quaternion([[a, b, c], [d, e, f], [g, h, i]]) {
  // Shepperd's method: from the largest of the four, so that nothing is divided by a small number.
  const candidates = [
    [1 + a - e - i, d + b, g + c, h - f],
    [d + b, 1 - a + e - i, h + f, c - g],
    [g + c, h + f, 1 - a - e + i, d - b],
    [h - f, c - g, d - b, 1 + a + e + i],
  ];
  const best = candidates.reduce((most, row, k) => (row[k] > candidates[most][most] ? k : most), 0);
  const length = Math.hypot(...candidates[best]);
  return candidates[best].map((value) => value / length);
}
