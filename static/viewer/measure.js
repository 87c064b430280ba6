// What two, three or four picked atoms say: distance (Å), angle and dihedral (°).

const minus = (a, b) => a.map((value, k) => value - b[k]);
const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const degrees = (radians) => (180 / Math.PI) * radians;

export function distance(a, b) {
  return Math.hypot(...minus(a, b));
}

/** The angle at b, 0 to 180°. */
export function angle(a, b, c) {
  const [u, v] = [minus(a, b), minus(c, b)];
  return degrees(Math.atan2(Math.hypot(...cross(u, v)), dot(u, v)));
}

/** The turn about b–c that carries a over d, −180 to 180°, clockwise positive (IUPAC). */
export function dihedral(a, b, c, d) {
  const axis = minus(c, b);
  const [u, v] = [cross(minus(b, a), axis), cross(axis, minus(d, c))];
  return degrees(Math.atan2(dot(cross(u, v), axis) / (Math.hypot(...axis) || 1), dot(u, v)));
}

/** What these points have to say, in words; "" for other numbers of points than two to four. */
export function measured(points) {
  if (points.length === 2) return `${distance(...points).toFixed(3)} Å`;
  if (points.length === 3) return `${angle(...points).toFixed(1)}°`;
  if (points.length === 4) return `${dihedral(...points).toFixed(1)}°`;
  return "";
}

/** Where the text belongs: between two atoms, at the corner of an angle, at the middle of a dihedral's axis. */
export function anchorOf(places) {
  const between = (p, q) => ({ left: (p.left + q.left) / 2, top: (p.top + q.top) / 2 });
  if (places.length === 3) return { left: places[1].left, top: places[1].top + 24 };
  return between(places[Math.floor(places.length / 2) - 1], places[Math.floor(places.length / 2)]);
}
