// The clock of the viewer: which frame is shown, and how it moves on. Knows nothing of molecules.

const SHORTEST_SHOW = 4; // seconds a run is spread over, however few frames it has
const SLOWEST = 3; // frames a second
const FASTEST = 25;
const CATCH_UP = 2; // seconds of backlog after which a live run is shown faster

export class Player {
  /** `onTime(time)` is called whenever the shown (fractional) frame changes, `onState()` when anything else does. */
  constructor(onTime, onState) {
    this.onTime = onTime;
    this.onState = onState;
    this.speed = 1;
    this.loop = false;
    this.reset(0);
  }

  /** Start over, at the first frame, for a run of `expected` frames. */
  reset(expected) {
    this.time = 0;
    this.nFrames = 0;
    this.expected = expected;
    this.playing = false;
    this.following = false;
    this.live = false;
  }

  get lastFrame() {
    return Math.max(0, this.nFrames - 1);
  }

  get frame() {
    return Math.min(Math.floor(this.time), this.lastFrame);
  }

  get framesPerSecond() {
    const frames = Math.max(this.expected, this.nFrames);
    return this.speed * Math.min(FASTEST, Math.max(SLOWEST, frames / SHORTEST_SHOW));
  }

  /**
   * There are now `nFrames`, and more will come if `live`. The first ones of a live run start the show; a finished run
   * is shown at its end.
   */
  grow(nFrames, live) {
    const first = this.nFrames === 0 && nFrames > 0;
    const wasLive = this.live;
    this.nFrames = nFrames;
    this.live = live;
    if (first && live) this.follow();
    else if (first) this.seek(this.lastFrame);
    else if (wasLive && !live && this.following && this.time >= this.lastFrame) this.pause();
  }

  /** Play towards the newest frame and wait there for more. */
  follow() {
    this.following = true;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.time = this.lastFrame;
    this.#start();
  }

  toggle() {
    if (this.playing) {
      this.pause();
      return;
    }
    if (this.time >= this.lastFrame) this.time = 0;
    this.#start();
  }

  pause() {
    this.playing = this.following = false;
    cancelAnimationFrame(this.request);
    this.onState();
  }

  /** Go to a frame and stay there. */
  seek(frame) {
    this.pause();
    this.time = Math.max(0, Math.min(this.lastFrame, frame));
    this.onTime(this.time);
  }

  #start() {
    cancelAnimationFrame(this.request);
    this.playing = true;
    this.onState();
    let before = performance.now();
    const tick = (now) => {
      if (!this.playing) return;
      this.#advance(Math.max(0, now - before) / 1000);
      before = now;
      if (this.playing) this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
  }

  #advance(seconds) {
    const backlog = (this.lastFrame - this.time) / this.framesPerSecond;
    const hurry = this.following ? Math.max(1, backlog / CATCH_UP) : 1;
    const time = this.time + seconds * this.framesPerSecond * hurry;
    if (time < this.lastFrame) this.time = time;
    else if (this.loop && !this.following) this.time = 0;
    else this.time = this.lastFrame;
    this.onTime(this.time);
    if (this.time === this.lastFrame && !(this.following && this.live)) this.pause();
  }
}
