// From presses and moves of the pointer to clicks, drags and turns; knows nothing of molecules.

const CLICK_RADIUS = 4; // a press that moves less, in pixels, is a click
const DOUBLE = 380; // ms between the clicks of a double-click

/**
 * `on` answers: `free()`: 3Dmol has the mouse unless something is grabbed; `grab(place)`: what is under the pointer, null
 * if nothing; `canDrag(thing)`; `drag(thing, dx, dy)` since the press; `drop(thing)`; `click(thing, {add, double, place})`;
 * `hover(place | null)`; and for the overview `turn(dx, dy)`.
 */
export function listenToPointer(picture, on) {
  let press = null;
  let lastClick = { thing: null, time: -Infinity };
  const placeOf = (event) => {
    const { left, top } = picture.getBoundingClientRect();
    return { left: event.clientX - left, top: event.clientY - top };
  };
  const same = (a, b) => a !== null && b !== null && a.atom === b.atom && a.shape === b.shape;

  picture.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    const place = placeOf(event);
    const thing = on.grab(place);
    press = { thing, place, x: event.clientX, y: event.clientY, moved: false };
    press.mine = !on.free() || (thing !== null && on.canDrag(thing));
    if (press.mine) picture.setPointerCapture(event.pointerId);
  });
  const keepFrom3Dmol = (event) => {
    if (!press?.mine || event.touches?.length > 1) return;
    event.stopPropagation();
    if (event.type === "touchstart") event.preventDefault();
  };
  picture.addEventListener("mousedown", keepFrom3Dmol, true);
  picture.addEventListener("touchstart", keepFrom3Dmol, { capture: true, passive: false });

  picture.addEventListener("pointermove", (event) => {
    if (!press) on.hover(placeOf(event));
    if (!press) return;
    const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.moved && Math.hypot(dx, dy) < CLICK_RADIUS) return;
    press.moved = true;
    if (!press.mine) return;
    if (press.thing === null) {
      on.turn(dx, dy);
      [press.x, press.y] = [event.clientX, event.clientY];
    } else on.drag(press.thing, dx, dy);
  });
  const release = (event) => {
    if (!press) return;
    const { thing, moved, mine, place } = press;
    press = null;
    if (moved) {
      if (mine && thing !== null) on.drop(thing);
      return;
    }
    if (event.type === "pointercancel") return;
    const double = same(thing, lastClick.thing) && event.timeStamp - lastClick.time < DOUBLE;
    lastClick = { thing: double ? null : thing, time: event.timeStamp };
    on.click(thing, { add: event.shiftKey || event.ctrlKey || event.metaKey, double, place });
  };
  // On the window: a press that began in the picture may end anywhere.
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  picture.addEventListener("pointerleave", () => on.hover(null));
  return () => {
    window.removeEventListener("pointerup", release);
    window.removeEventListener("pointercancel", release);
  };
}
