// Where the picture is seen from, and how points of the model and of the screen belong together.
// Model coordinates in Å, screen coordinates in pixels from the top left of the picture.

const CAMERA_DISTANCE = 150; // 3Dmol's, in Å
export const HALF_FIELD_OF_VIEW = (10 * Math.PI) / 180; // 3Dmol's
const ROUNDING = 1e-6;
const FRONT_VIEW = [0, 0, 0, 0, 0, 0, 0, 1]; // 3Dmol's: shift, zoom, rotation

export class Camera {
  /** `lib` is 3Dmol; `holder` the element that holds the picture. */
  constructor(holder, lib) {
    this.holder = holder;
    this.lib = lib;
    this.viewer = null;
    this.centre = [0, 0, 0]; // the point of the model in the middle of the picture, before anybody shifts it
    this.forget();
  }

  /** Look through this 3Dmol viewer from now on. */
  attach(viewer) {
    this.viewer = viewer;
  }

  /** Back to the front view; the next `aim` is free to choose distance and centre. */
  forget() {
    this.zoomedByHand = false;
    this.opening = FRONT_VIEW.slice(4); // rotation that nobody's hand has made
    this.aimedAt = null; // camera position of the last automatic zoom
    this.viewer?.setView([...FRONT_VIEW]);
    if (this.viewer) this.centreOn(this.centre);
  }

  /** Look from this side, a quaternion, until somebody turns by hand. */
  openFrom(rotation) {
    const [x, y, z, w] = (this.opening = rotation);
    Object.assign(this.viewer.rotationGroup.quaternion, { x, y, z, w });
  }

  /** Put a point of the model in the middle of the picture; what the user shifted stays shifted. */
  centreOn(point) {
    const { position } = this.viewer.modelGroup;
    const shift = this.#shift(position);
    this.centre = [...point];
    [position.x, position.y, position.z] = [0, 1, 2].map((k) => shift[k] - point[k]);
  }

  /** Stand so far away that a ball of this radius (Å) fills the picture's height, until somebody zooms by hand. */
  aim(distance) {
    const { position } = this.viewer.rotationGroup;
    if (this.aimedAt !== null && position.z !== this.aimedAt) this.zoomedByHand = true;
    if (!this.zoomedByHand) this.aimedAt = position.z = CAMERA_DISTANCE - distance;
  }

  /** Whether somebody has turned, shifted or zoomed since the camera was last forgotten. */
  get moved() {
    const [x, y, z, zoom, ...rotation] = this.view;
    const shifted = Math.hypot(x, y, z) > ROUNDING;
    const turned = rotation.some((value, k) => Math.abs(value - this.opening[k]) > ROUNDING);
    return shifted || turned || (this.aimedAt !== null && zoom !== this.aimedAt);
  }

  /** How the user looks: rotation, zoom and shift against the centre; what linked viewers share. */
  get view() {
    const view = this.viewer.getView();
    const shift = this.#shift(this.viewer.modelGroup.position);
    return [...shift, ...view.slice(3)];
  }

  set view(view) {
    const shifted = view.slice(0, 3).map((value, k) => value - this.centre[k]);
    if (view[3] !== this.viewer.rotationGroup.position.z) this.zoomedByHand = true;
    this.viewer.setView([...shifted, ...view.slice(3)]);
  }

  /** [{left, top, distance}] of points [x, y, z]; `distance` from the camera in Å: the smallest is in front. */
  project(points) {
    if (!points.length) return [];
    const { left, top } = this.holder.getBoundingClientRect();
    const onPage = this.viewer.modelToScreen(points.map(([x, y, z]) => ({ x, y, z })));
    return points.map((point, i) => ({
      left: onPage[i].x - left - window.scrollX,
      top: onPage[i].y - top - window.scrollY,
      distance: CAMERA_DISTANCE - this.#depth(point),
    }));
  }

  /** Pixels an Å at this distance from the camera covers. */
  scaleAt(distance) {
    return this.holder.clientHeight / 2 / Math.tan(HALF_FIELD_OF_VIEW) / distance;
  }

  /** The displacement in Å that moves `point` by (dx, dy) pixels on the screen, at its depth. */
  displacement(point, dx, dy) {
    const moved = this.viewer.screenOffsetToModel(dx, dy, this.#depth(point));
    return [moved.x, moved.y, moved.z];
  }

  /** Displacement of a step of `length` Å along the screen's axes: right, up, towards the viewer. */
  alongScreen([right, up, near], length) {
    const { x, y, z, w } = this.viewer.rotationGroup.quaternion;
    const back = new this.lib.Quaternion(-x, -y, -z, w);
    const step = new this.lib.Vector3(right, up, near).applyQuaternion(back);
    return [step.x * length, step.y * length, step.z * length];
  }

  #depth([x, y, z]) {
    return new this.lib.Vector3(x, y, z).applyMatrix4(this.viewer.modelGroup.matrixWorld).z;
  }

  #shift({ x, y, z }) {
    return [x, y, z].map((value, k) => value + this.centre[k]);
  }
}
