// Listeners that somebody else's code adds to what outlives it, and the way to take them off again.

/** What `make` returns, and a function that removes every listener that it added to these targets. */
export function withListeners(targets, make) {
  const added = [];
  for (const target of targets) {
    target.addEventListener = (...given) => {
      added.push([target, given]);
      EventTarget.prototype.addEventListener.apply(target, given);
    };
  }
  try {
    const made = make();
    return [made, () => added.forEach(([target, given]) => target.removeEventListener(...given))];
  } finally {
    for (const target of targets) delete target.addEventListener; // the prototype's own is there again
  }
}
