// Plain 3D arithmetic: bonds, sizes, rotations, ellipsoids. Lengths in Å.

// Covalent radii of Cordero et al., Dalton Trans. 2008, 2832.
const COVALENT_RADIUS = {
  H: 0.31, B: 0.84, C: 0.76, N: 0.71, O: 0.66, F: 0.57, Si: 1.11, P: 1.07, S: 1.05, Cl: 1.02, Br: 1.2, I: 1.39,
};
const UNKNOWN_RADIUS = 1.3;
// The tolerances of gpff_core's verdict: what is drawn is what is judged.
const HEAVY_TOLERANCE = 1.15;
const HYDROGEN_TOLERANCE = 1.3;
const SHORTEST_BOND = 0.5; // atoms nearer than this are in one place, not bonded

/** For every atom its neighbours and bond orders, from distances alone: all orders are 1. */
export function bondsByDistance(symbols, x) {
  const radii = symbols.map((symbol) => COVALENT_RADIUS[symbol] ?? UNKNOWN_RADIUS);
  const bonds = symbols.map(() => ({ neighbours: [], orders: [] }));
  for (let i = 0; i < symbols.length; i++) {
    for (let j = i + 1; j < symbols.length; j++) {
      const distance = Math.hypot(x[3 * i] - x[3 * j], x[3 * i + 1] - x[3 * j + 1], x[3 * i + 2] - x[3 * j + 2]);
      const tolerance = symbols[i] === "H" || symbols[j] === "H" ? HYDROGEN_TOLERANCE : HEAVY_TOLERANCE;
      if (distance > SHORTEST_BOND && distance < tolerance * (radii[i] + radii[j])) {
        for (const [here, there] of [[i, j], [j, i]]) {
          bonds[here].neighbours.push(there);
          bonds[here].orders.push(1);
        }
      }
    }
  }
  return bonds;
}

export function centreOf(x) {
  const centre = [0, 0, 0];
  for (let i = 0; i < x.length; i++) centre[i % 3] += x[i] / (x.length / 3);
  return centre;
}

/** Radius of the ball around `centre` that holds all atoms. */
export function radiusOf(x, centre) {
  let largest = 0;
  for (let i = 0; i < x.length; i += 3) {
    largest = Math.max(largest, Math.hypot(x[i] - centre[0], x[i + 1] - centre[1], x[i + 2] - centre[2]));
  }
  return largest;
}

/** How large a molecule of so many atoms usually is. */
export function typicalRadius(nAtoms) {
  return 1.2 + 0.95 * Math.cbrt(nAtoms);
}

/**
 * The radius at which a cloud of this radius is shown. Clouds larger than a molecule are shown smaller, and still
 * visibly larger than the molecule: one sees them shrink, and they never leave the picture.
 */
export function shownRadius(radius, nAtoms) {
  const usual = typicalRadius(nAtoms);
  return radius <= usual ? usual : usual * (radius / usual) ** 0.6;
}

export const IDENTITY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

export function matrixProduct(a, b) {
  return a.map((row) => [0, 1, 2].map((j) => row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]));
}

export function rotate(matrix, [x, y, z]) {
  return matrix.map((row) => row[0] * x + row[1] * y + row[2] * z);
}

/** Rotation by a drag of (dx, dy) radians: about the screen's vertical, then its horizontal. */
export function dragRotation(dx, dy) {
  const [cx, sx, cy, sy] = [Math.cos(dy), Math.sin(dy), Math.cos(dx), Math.sin(dx)];
  return matrixProduct([[1, 0, 0], [0, cx, -sx], [0, sx, cx]], [[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]);
}

/** Mesh of the ellipsoid whose half-axes are the columns of `axes` (3×3), about the origin. */
export function ellipsoidMesh(axes, meridians = 32, parallels = 18) {
  const vertexArr = [];
  const normalArr = [];
  const faceArr = [];
  const cofactors = cofactorMatrix(axes); // normals transform with the inverse transpose
  const vector = (matrix, s) => {
    const [x, y, z] = rotate(matrix, s);
    return { x, y, z };
  };
  for (let b = 0; b <= parallels; b++) {
    for (let a = 0; a <= meridians; a++) {
      const [theta, phi] = [(Math.PI * b) / parallels, (2 * Math.PI * a) / meridians];
      const onSphere = [Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi), Math.cos(theta)];
      vertexArr.push(vector(axes, onSphere));
      const normal = vector(cofactors, onSphere);
      const length = Math.hypot(normal.x, normal.y, normal.z) || 1;
      normalArr.push({ x: normal.x / length, y: normal.y / length, z: normal.z / length });
    }
  }
  for (let b = 0; b < parallels; b++) {
    for (let a = 0; a < meridians; a++) {
      const corner = b * (meridians + 1) + a;
      const below = corner + meridians + 1;
      faceArr.push(corner, below, corner + 1, corner + 1, below, below + 1);
    }
  }
  return { vertexArr, normalArr, faceArr };
}

function cofactorMatrix([[a, b, c], [d, e, f], [g, h, i]]) {
  return [
    [e * i - f * h, f * g - d * i, d * h - e * g],
    [c * h - b * i, a * i - c * g, b * g - a * h],
    [b * f - c * e, c * d - a * f, a * e - b * d],
  ];
}

/** Corners and faces of a ball of radius 1 that needs few of them. */
export function icosahedron() {
  const [a, b] = [0.525731, 0.850651];
  const vertices = [
    [-a, b, 0], [a, b, 0], [-a, -b, 0], [a, -b, 0], [0, -a, b], [0, a, b],
    [0, -a, -b], [0, a, -b], [b, 0, -a], [b, 0, a], [-b, 0, -a], [-b, 0, a],
  ];
  const faces = [
    [0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6], [7, 1, 8],
    [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1],
  ];
  return { vertices, faces };
}

/** Normals of the corners of a mesh: the mean of those of the faces around, weighted by area. */
export function normalsOf(vertices, faces) {
  const normals = vertices.map(() => ({ x: 0, y: 0, z: 0 }));
  for (const [i, j, k] of faces) {
    const [a, b, c] = [vertices[i], vertices[j], vertices[k]];
    const [u, v] = [b, c].map((end) => [end.x - a.x, end.y - a.y, end.z - a.z]);
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const corner of [i, j, k]) {
      normals[corner].x += normal[0];
      normals[corner].y += normal[1];
      normals[corner].z += normal[2];
    }
  }
  return normals.map(({ x, y, z }) => {
    const length = Math.hypot(x, y, z) || 1;
    return { x: x / length, y: y / length, z: z / length };
  });
}

/** All atoms that are joined to this one, itself included, in ascending order. */
export function fragmentOf(atom, bonds) {
  const found = new Set([atom]);
  for (const here of found) for (const next of bonds[here].neighbours) found.add(next);
  return [...found].sort((a, b) => a - b);
}

/** For every atom its neighbours and bond orders, from a list of [atom, atom, order]. */
export function bondsOf(nAtoms, list) {
  const bonds = Array.from({ length: nAtoms }, () => ({ neighbours: [], orders: [] }));
  for (const [i, j, order] of list) {
    for (const [here, there] of [[i, j], [j, i]]) {
      bonds[here].neighbours.push(there);
      bonds[here].orders.push(order);
    }
  }
  return bonds;
}
