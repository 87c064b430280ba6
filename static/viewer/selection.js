// The picked atoms, in the order in which they were picked: an angle is measured at the second one.

export class Selection {
  /** `onChange()` is called when other atoms are picked than before. */
  constructor(onChange) {
    this.onChange = onChange;
    this.atoms = [];
  }

  has(atom) {
    return this.atoms.includes(atom);
  }

  set(atoms) {
    if (atoms.join() === this.atoms.join()) return;
    this.atoms = [...atoms];
    this.onChange();
  }

  toggle(atom) {
    this.set(this.has(atom) ? this.atoms.filter((other) => other !== atom) : [...this.atoms, atom]);
  }

  add(atoms) {
    this.set([...this.atoms, ...atoms.filter((atom) => !this.has(atom))]);
  }

  /** Exactly these are picked: those that were keep their order. */
  reconcile(atoms) {
    this.set([...this.atoms.filter((atom) => atoms.includes(atom)), ...atoms.filter((atom) => !this.has(atom))]);
  }
}
