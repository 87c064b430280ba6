// Translucent things beside the atoms: priors, point clouds, curves, meshes, markers.
// Each is {kind, id, centre | points | vertices, …, tint, movable} with lengths in Å, as gpff_app/viewer.py describes.

import { centreOf, ellipsoidMesh, icosahedron, normalsOf } from "./geometry.js";

const OPACITY = 0.3;
const POINT_RADIUS = 0.06; // Å
const LINE_RADIUS = 0.05;
const MARKER_RADIUS = 0.22;
const MOST_VERTICES = 12000; // of one 3Dmol mesh
const HIT = 10; // pixels around points, lines and corners

/** The middle of a shape: what moves when it is dragged. */
export function shapeCentre(shape) {
  if (shape.centre) return shape.centre;
  return centreOf((shape.points ?? shape.vertices).flat());
}

export class ShapeLayer {
  constructor(camera) {
    this.camera = camera;
    this.shapes = [];
    this.places = new Map(); // id → centre of a shape that the user moved, until Python answers
    this.drawn = [];
  }

  /** Returns whether anything changed. */
  set(shapes) {
    const told = JSON.stringify(shapes);
    if (told === this.told) return false;
    this.told = told;
    this.shapes = shapes;
    return true;
  }

  /** Draw a shape with its centre elsewhere than Python said; null: where Python said. */
  place(id, centre) {
    if (centre) this.places.set(id, centre);
    else this.places.delete(id);
  }

  centre(shape) {
    return this.places.get(shape.id) ?? shapeCentre(shape);
  }

  /** All points that should be in the picture. */
  extent() {
    return this.shapes.flatMap((shape) => this.#outline(shape));
  }

  draw(viewer, theme) {
    for (const shape of this.drawn) viewer.removeShape(shape);
    this.drawn = [];
    for (const shape of this.shapes) {
      const colour = theme.tints[shape.tint] ?? theme.tints.prior;
      this.#draw(shape, colour, (made) => this.drawn.push(made), viewer);
    }
  }

  /** The movable shape under a point of the picture, the nearest one first; null where there is none. */
  hit(left, top) {
    const under = this.shapes.filter((shape) => shape.movable && this.#covers(shape, left, top));
    const distance = (shape) => this.camera.project([this.centre(shape)])[0].distance;
    return under.sort((a, b) => distance(a) - distance(b))[0] ?? null;
  }

  /** [{text, left, top}] of markers. */
  labels() {
    const labelled = this.shapes.filter((shape) => shape.label);
    const places = this.camera.project(labelled.map((shape) => this.centre(shape)));
    return labelled.map((shape, i) => ({ text: shape.label, ...places[i], shape: true }));
  }

  #draw(shape, color, keep, viewer) {
    const move = this.#mover(shape);
    const at = (point) => vector(move(point));
    if (shape.kind === "ellipsoid") {
      const mesh = ellipsoidMesh(shape.axes);
      const [cx, cy, cz] = this.centre(shape);
      mesh.vertexArr = mesh.vertexArr.map(({ x, y, z }) => ({ x: x + cx, y: y + cy, z: z + cz }));
      keep(viewer.addCustom({ ...mesh, color, opacity: OPACITY }));
      keep(viewer.addCustom({ ...mesh, color, wireframe: true, linewidth: 1, opacity: 0.35 }));
    } else if (shape.kind === "points") {
      // Opaque: what is translucent is drawn after them, so they are seen inside it.
      for (const mesh of pointMeshes(shape.points.map(at), shape.radius ?? POINT_RADIUS)) {
        keep(viewer.addCustom({ ...mesh, color }));
      }
    } else if (shape.kind === "line") {
      const tube = viewer.addShape({ color, opacity: 0.8 });
      for (let i = 1; i < shape.points.length; i++) {
        const [start, end] = [at(shape.points[i - 1]), at(shape.points[i])];
        tube.addCylinder({ start, end, radius: shape.radius ?? LINE_RADIUS, fromCap: 2, toCap: 2 });
      }
      keep(tube);
    } else if (shape.kind === "mesh") {
      const vertexArr = shape.vertices.map(at);
      const mesh = { vertexArr, faceArr: shape.faces.flat(), normalArr: normalsOf(vertexArr, shape.faces) };
      keep(viewer.addCustom({ ...mesh, color, opacity: OPACITY }));
      keep(viewer.addCustom({ ...mesh, color, wireframe: true, linewidth: 1, opacity: 0.35 }));
    } else if (shape.kind === "marker") {
      keep(viewer.addSphere({ center: at(shape.centre), radius: shape.radius ?? MARKER_RADIUS, color, opacity: 0.6 }));
    }
  }

  #covers(shape, left, top) {
    if (shape.kind === "ellipsoid") return this.#insideEllipse(shape, left, top);
    const points = this.camera.project(this.#outline(shape));
    const reach = shape.kind === "marker" ? HIT + 4 : HIT;
    if (points.some((point) => Math.hypot(point.left - left, point.top - top) < reach)) return true;
    return (shape.faces ?? []).some((corners) => insideTriangle(corners.map((corner) => points[corner]), left, top));
  }

  /** Inside the outline of the ellipsoid: |d| ≤ 1 in the metric of its half-axes on the screen. */
  #insideEllipse(shape, left, top) {
    const centre = this.centre(shape);
    const tips = [0, 1, 2].map((j) => centre.map((value, k) => value + shape.axes[k][j]));
    const [middle, ...ends] = this.camera.project([centre, ...tips]);
    const axes = ends.map((end) => [end.left - middle.left, end.top - middle.top]);
    const sum = (f) => axes.reduce((total, axis) => total + f(axis), 0);
    const [xx, xy, yy] = [sum(([x]) => x * x), sum(([x, y]) => x * y), sum(([, y]) => y * y)];
    const [dx, dy] = [left - middle.left, top - middle.top];
    return (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / (xx * yy - xy * xy || 1e-9) <= 1;
  }

  #outline(shape) {
    const points = shape.points ?? shape.vertices;
    if (points) return points.map(this.#mover(shape));
    const centre = this.centre(shape);
    if (!shape.axes) return [centre];
    const tip = (j, sign) => centre.map((value, k) => value + sign * shape.axes[k][j]);
    return [0, 1, 2].flatMap((j) => [tip(j, 1), tip(j, -1)]);
  }

  /** What puts a point of the shape where the shape is now. */
  #mover(shape) {
    const place = this.places.get(shape.id);
    if (!place) return (point) => point;
    const own = shapeCentre(shape);
    return (point) => point.map((value, k) => value + place[k] - own[k]);
  }
}

function vector([x, y, z]) {
  return { x, y, z };
}

/** Small balls in as few meshes as 3Dmol can take: thousands of its own spheres would take seconds. */
function pointMeshes(points, radius) {
  const ball = icosahedron();
  const atOnce = Math.floor(MOST_VERTICES / ball.vertices.length);
  const meshes = [];
  for (let first = 0; first < points.length; first += atOnce) {
    const mesh = { vertexArr: [], normalArr: [], faceArr: [] };
    for (const point of points.slice(first, first + atOnce)) {
      const start = mesh.vertexArr.length;
      for (const [x, y, z] of ball.vertices) {
        mesh.vertexArr.push({ x: point.x + radius * x, y: point.y + radius * y, z: point.z + radius * z });
        mesh.normalArr.push({ x, y, z });
      }
      for (const corner of ball.faces.flat()) mesh.faceArr.push(start + corner);
    }
    meshes.push(mesh);
  }
  return meshes;
}

function insideTriangle([a, b, c], left, top) {
  const side = (p, q) => (q.left - p.left) * (top - p.top) - (q.top - p.top) * (left - p.left);
  const sides = [side(a, b), side(b, c), side(c, a)];
  return sides.every((value) => value >= 0) || sides.every((value) => value <= 0);
}
