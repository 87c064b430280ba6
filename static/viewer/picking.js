// Which atom is under the pointer.

const NEAR = 7; // pixels around an atom that still count as on it

/** The index of the atom at a point of the picture: the front one of those under it, else the nearest; null if none. */
export function atomAt(discs, left, top) {
  const reached = discs
    .map((disc, index) => ({ index, disc, away: Math.hypot(disc.left - left, disc.top - top) }))
    .filter(({ disc, away }) => away <= disc.radius + NEAR);
  const under = reached.filter(({ disc, away }) => away <= disc.radius);
  const first = under.length
    ? under.sort((a, b) => a.disc.distance - b.disc.distance)[0]
    : reached.sort((a, b) => a.away - b.away)[0];
  return first ? first.index : null;
}
