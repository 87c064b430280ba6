// Viewers on one page that look through the same camera at the same frame.

const groups = new Map(); // name → viewers
let sharing = false; // what arrives from another viewer is not passed on

export class Link {
  constructor(viewer) {
    this.viewer = viewer;
    this.name = "";
  }

  /** Be one of those with this name, "" for none; a newcomer sees what the others see. */
  join(name) {
    if (name === this.name) return;
    this.leave();
    this.name = name;
    if (!name) return;
    const group = groups.get(name) ?? new Set();
    groups.set(name, group.add(this.viewer));
    const [first] = this.others;
    if (first?.scene) this.#tell([this.viewer], (viewer) => viewer.lookLike(first));
  }

  leave() {
    groups.get(this.name)?.delete(this.viewer);
    this.name = "";
  }

  get others() {
    return [...(groups.get(this.name) ?? [])].filter((viewer) => viewer !== this.viewer);
  }

  /** The camera has moved here. */
  shareView() {
    this.#tell(this.others, (viewer) => viewer.lookFrom(this.viewer.scene.camera.view));
  }

  /** Another frame is shown here. */
  shareTime(time) {
    this.#tell(this.others, (viewer) => viewer.showLike(time));
  }

  /** The film starts here: it ends elsewhere. */
  takeOver() {
    this.#tell(this.others, (viewer) => viewer.player.pause());
  }

  #tell(viewers, action) {
    if (sharing) return;
    sharing = true;
    try {
      viewers.forEach(action);
    } finally {
      sharing = false;
    }
  }
}
