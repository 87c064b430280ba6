// What several schedules made of the same seed, side by side: a card a seed, a drawing a schedule.

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function picture(cell) {
  if (!cell.drawing) return make("span", "blank", cell.missing ? "–" : "✗");
  const drawing = new DOMParser().parseFromString(cell.drawing, "image/svg+xml").documentElement;
  drawing.setAttribute("aria-hidden", "true");
  return document.importNode(drawing, true);
}

export class Pairs {
  /** `tell(key)` reports the card that the user wants to see in 3D. */
  constructor(parent, tell) {
    this.tell = tell;
    this.list = make("div", "pairs");
    this.list.setAttribute("role", "list");
    parent.append(this.list);
  }

  update(data) {
    const cards = JSON.stringify([data.columns, data.cards]);
    if (cards !== this.drawn) {
      this.drawn = cards;
      this.list.style.setProperty("--columns", data.columns.length);
      this.buttons = new Map();
      this.list.replaceChildren(...data.cards.map((card) => this.#card(card, data.columns)));
    }
    this.#mark(data.focus);
  }

  #card(card, columns) {
    const element = make("div", "pair");
    element.setAttribute("role", "listitem");
    const look = make("button", "look");
    look.setAttribute("aria-label", `Show ${card.title} in 3D`);
    look.onclick = () => {
      this.#mark(card.key);
      this.tell(card.key);
    };
    const head = make("span", "head");
    head.append(make("span", "title", card.title), make("span", "badge", card.badge));
    const cells = make("span", "cells");
    cells.append(...card.cells.map((cell, i) => this.#cell(cell, columns[i])));
    look.append(head, cells);
    element.append(look);
    this.buttons.set(card.key, { element, look });
    return element;
  }

  #cell(cell, column) {
    const element = make("span", cell.valid ? "cell good" : "cell bad");
    const drawing = make("span", "drawing");
    drawing.append(picture(cell));
    const says = cell.valid ? cell.smiles : cell.reason;
    element.append(make("span", "column", `${column} ${cell.valid ? "✓" : "✗"}`), drawing, make("span", "says", says));
    element.title = says;
    return element;
  }

  #mark(focus) {
    for (const [key, { element, look }] of this.buttons) {
      element.classList.toggle("focused", key === focus);
      look.setAttribute("aria-pressed", String(key === focus));
    }
  }
}
