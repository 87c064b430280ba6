// Cards of molecules: filter, look at one, tick some.

import { keepFocus } from "../component.js";

const FILTERS = [
  { name: "all", label: "All", keeps: () => true },
  { name: "valid", label: "Valid", keeps: (card) => card.valid },
  { name: "kept", label: "Scaffold kept", keeps: (card) => card.scaffold === "kept" },
  { name: "novel", label: "New", keeps: (card) => card.novel && card.sameAs === null },
];

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Says on an element what its words mean. */
function explained(element) {
  element.title = "Judged by which atoms are bonded to which; stereo is ignored";
  return element;
}

export class Gallery {
  /** `tell.select(indices)` and `tell.focus(index)` report what the user does. */
  constructor(parent, tell) {
    this.tell = tell;
    this.selected = new Set();
    this.filter = FILTERS[0];
    this.cards = [];
    this.pythonFocus = undefined;
    this.bar = make("div", "bar");
    this.list = make("div", "cards");
    this.list.setAttribute("role", "list");
    parent.append(this.bar, this.list);
  }

  update(data) {
    const cards = JSON.stringify(data.cards);
    if (data.focus !== this.pythonFocus) this.focus = this.pythonFocus = data.focus;
    if (cards !== this.drawn) {
      this.drawn = cards;
      this.cards = data.cards;
      this.#draw();
    }
    this.#mark();
  }

  get shown() {
    return this.cards.filter(this.filter.keeps);
  }

  #draw() {
    this.#drawBar();
    this.elements = new Map();
    this.list.replaceChildren(...this.shown.map((card) => this.#card(card)));
  }

  #drawBar() {
    const grown = this.cards.some((card) => card.scaffold);
    const filters = FILTERS.filter(({ name }) => grown || name !== "kept").map((filter) => {
      const button = make("button", "", `${filter.label} (${this.cards.filter(filter.keeps).length})`);
      button.setAttribute("aria-pressed", String(filter === this.filter));
      button.dataset.key = filter.name;
      button.onclick = () => {
        this.filter = filter;
        keepFocus(this.bar, () => this.#draw());
        this.#mark();
      };
      return button;
    });
    const everything = make("button", "quiet", "Select these");
    everything.onclick = () => this.#select(this.shown.map((card) => card.index));
    const nothing = make("button", "quiet", "Select none");
    nothing.onclick = () => this.#select([]);
    this.bar.replaceChildren(...filters, make("span", "space"), everything, nothing);
  }

  #card(card) {
    const element = make("div", "card");
    element.setAttribute("role", "listitem");
    const tick = make("input", "tick");
    tick.type = "checkbox";
    tick.setAttribute("aria-label", `Select molecule ${card.index + 1}`);
    tick.onchange = () => {
      tick.checked ? this.selected.add(card.index) : this.selected.delete(card.index);
      this.#select([...this.selected]);
    };
    const number = make("span", "number", String(card.index + 1));
    const look = make("button", "look");
    look.setAttribute("aria-label", `Show molecule ${card.index + 1} in 3D`);
    look.onclick = () => {
      this.focus = card.index;
      this.#mark();
      this.tell.focus(card.index);
    };
    look.append(this.#picture(card));
    element.append(look, number, tick, this.#facts(card));
    this.elements.set(card.index, { element, tick, look });
    return element;
  }

  #picture(card) {
    if (!card.valid) return make("span", "blank", card.unfinished ? "…" : "✗");
    const drawing = new DOMParser().parseFromString(card.drawing, "image/svg+xml").documentElement;
    drawing.setAttribute("aria-hidden", "true");
    return document.importNode(drawing, true);
  }

  #facts(card) {
    const facts = make("div", "facts");
    const [tone, words] = card.unfinished ? ["", "… unfinished"] : card.valid ? ["good", "✓ valid"] : ["bad", "✗ not valid"];
    const verdict = make("div", `verdict ${tone}`, words);
    if (card.novel) verdict.append(explained(make("span", "badge", "★ new")));
    facts.append(verdict);
    if (card.valid) {
      const smiles = make("code", "smiles", card.smiles);
      smiles.title = "SMILES; click to select it";
      facts.append(smiles);
    } else {
      facts.append(make("div", "reason", card.unfinished ? "The run was stopped before it settled." : card.reason));
    }
    if (card.scaffold) facts.append(this.#scaffold(card.scaffold));
    if (card.novelty && !card.novel) facts.append(make("div", "note", card.novelty));
    if (card.sameAs !== null) facts.append(explained(make("div", "note", `same molecule as ${card.sameAs + 1}`)));
    return facts;
  }

  /** Whether the molecule kept what it was grown on, or how it was lost. */
  #scaffold(fate) {
    const kept = fate === "kept";
    return make("div", kept ? "fate good" : "fate bad", kept ? "✓ scaffold kept" : `✗ scaffold lost: ${fate}`);
  }

  #select(indices) {
    this.selected = new Set(indices);
    this.#mark();
    this.tell.select([...this.selected].sort((a, b) => a - b));
  }

  #mark() {
    for (const [index, { element, tick, look }] of this.elements ?? []) {
      element.classList.toggle("focused", index === this.focus);
      look.setAttribute("aria-pressed", String(index === this.focus));
      tick.checked = this.selected.has(index);
    }
  }
}
