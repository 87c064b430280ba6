// One page of structures as a table or as cards. Text from people and files is only ever set as textContent.

import { keepFocus } from "../component.js";

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

const CLICK_REACH = 4; // pixels; a press that moves further is a drag

export class Table {
  /** `tell.select(ids)`, `tell.focus(id)`, `tell.star({id: on})` and `tell.sort(column)` report what the user does. */
  constructor(parent, tell) {
    this.tell = tell;
    this.selected = new Set();
    this.stars = new Map(); // what the user changed and Python has not confirmed yet
    this.place = make("div", "place");
    this.place.tabIndex = -1;
    this.place.addEventListener("keydown", (event) => this.#step(event));
    parent.append(this.place);
  }

  update(data) {
    if (data.pushed !== this.pushed) {
      this.pushed = data.pushed;
      this.selected = new Set(data.selection);
    }
    if (data.focus !== this.pythonFocus) this.focus = this.pythonFocus = data.focus;
    this.#confirmStars(data.rows);
    const seen = JSON.stringify([data.rows, data.columns, data.sort, data.cards]);
    if (seen !== this.seen) {
      this.seen = seen;
      this.data = data;
      keepFocus(this.place, () => this.#draw());
    }
    this.#mark();
  }

  #confirmStars(rows) {
    for (const row of rows) {
      if (this.stars.get(row.id) === row.favourite) this.stars.delete(row.id);
      else if (this.stars.has(row.id)) row.favourite = this.stars.get(row.id);
    }
  }

  #draw() {
    this.elements = new Map();
    const ids = this.data.rows.map((row) => row.id);
    const samePage = ids.join() === this.ids;
    this.ids = ids.join();
    const top = this.place.scrollTop;
    this.place.replaceChildren(this.data.cards ? this.#cards() : this.#table());
    this.place.scrollTop = samePage ? top : 0;
  }

  #table() {
    const table = make("table");
    const head = table.createTHead().insertRow();
    const all = make("th", "narrow");
    this.all = this.#box("Select this page", () => this.#selectPage(this.all.checked));
    all.append(this.all);
    head.append(all, make("th", "narrow"), make("th", "wide", "Molecule"));
    for (const column of this.data.columns) head.append(this.#heading(column));
    const body = table.createTBody();
    for (const row of this.data.rows) body.append(this.#row(row));
    return table;
  }

  #heading(column) {
    const sorted = this.data.sort.name === column.name;
    const cell = make("th", column.number ? "number" : "");
    if (sorted) cell.setAttribute("aria-sort", this.data.sort.descending ? "descending" : "ascending");
    const arrow = sorted ? (this.data.sort.descending ? " ↓" : " ↑") : "";
    const button = make("button", "heading", column.label + arrow);
    if (column.unit) button.append(make("small", "", ` ${column.unit}`));
    button.title = `${column.help} Click to sort.`;
    button.dataset.key = `sort ${column.name}`;
    button.onclick = () => this.tell.sort(column.name);
    cell.append(button);
    return cell;
  }

  #row(row) {
    const element = make("tr");
    const cells = [this.#box(`Select structure ${row.id}`, (on) => this.#select(row.id, on)), this.#star(row)];
    for (const control of cells) {
      const cell = make("td", "narrow");
      cell.append(control);
      element.append(cell);
    }
    const look = this.#look(row);
    const molecule = make("div", "molecule");
    molecule.append(look, this.#name(row));
    element.insertCell().append(molecule);
    row.cells.forEach((text, place) => {
      const column = this.data.columns[place];
      const cell = make("td", column.number ? "number" : column.name, text);
      if (column.name === "note") cell.title = text;
      element.append(cell);
    });
    this.#opens(element, row.id);
    this.elements.set(row.id, { element, box: cells[0], star: cells[1], look });
    return element;
  }

  #cards() {
    const cards = make("div", "cards");
    cards.setAttribute("role", "list");
    for (const row of this.data.rows) {
      const element = make("div", "card");
      element.setAttribute("role", "listitem");
      const box = this.#box(`Select structure ${row.id}`, (on) => this.#select(row.id, on));
      const star = this.#star(row);
      const look = this.#look(row);
      const facts = make("dl", "facts");
      row.cells.forEach((text, place) => {
        const column = this.data.columns[place];
        if (text === "–" || column.name === "note") return;
        facts.append(make("dt", "", column.label));
        facts.append(make("dd", "", `${text} ${column.unit}`.trim()));
      });
      element.append(look, box, star, this.#name(row), facts);
      this.#opens(element, row.id);
      this.elements.set(row.id, { element, box, star, look });
      cards.append(element);
    }
    return cards;
  }

  /** A click anywhere but on a control shows the structure; a drag selects text. */
  #opens(element, id) {
    let pressed = [];
    element.onpointerdown = (event) => (pressed = [event.clientX, event.clientY]);
    element.onclick = (event) => {
      const dragged = Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > CLICK_REACH;
      if (!dragged && !event.target.closest("button, input")) this.#show(id);
    };
  }

  #look(row) {
    const look = make("button", "look");
    look.setAttribute("aria-label", `Show structure ${row.id} in 3D`);
    if (row.valid) {
      const drawing = new DOMParser().parseFromString(row.drawing, "image/svg+xml").documentElement;
      drawing.setAttribute("aria-hidden", "true");
      look.append(document.importNode(drawing, true));
    } else {
      look.append(make("span", "blank", "✗"));
    }
    look.onclick = () => this.#show(row.id);
    return look;
  }

  #name(row) {
    const name = make("div", "name");
    if (row.valid) name.append(make("code", "smiles", row.smiles));
    else name.append(make("span", "reason", `✗ ${row.reason}`));
    if (row.copies > 1) {
      const copies = make("span", "badge", `×${row.copies}`);
      copies.title = `${row.copies} structures with this SMILES, which says nothing of stereo, are merged here`;
      name.append(copies);
    }
    if (row.note) {
      const note = make("span", "note", `✎ ${row.note}`);
      note.title = row.note;
      name.append(note);
    }
    return name;
  }

  #box(label, changed) {
    const box = make("input", "tick");
    box.type = "checkbox";
    box.setAttribute("aria-label", label);
    box.dataset.key = label;
    box.onchange = () => changed(box.checked);
    return box;
  }

  #star(row) {
    const star = make("button", "star");
    star.setAttribute("aria-label", `Favourite structure ${row.id}`);
    star.dataset.key = `star ${row.id}`;
    star.onclick = () => {
      row.favourite = !row.favourite;
      this.stars.set(row.id, row.favourite);
      this.#mark();
      this.tell.star(Object.fromEntries(this.stars));
    };
    return star;
  }

  #select(id, on) {
    on ? this.selected.add(id) : this.selected.delete(id);
    this.#tellSelection();
  }

  #selectPage(on) {
    for (const row of this.data.rows) on ? this.selected.add(row.id) : this.selected.delete(row.id);
    this.#tellSelection();
  }

  #tellSelection() {
    this.#mark();
    this.tell.select([...this.selected]);
  }

  #show(id) {
    if (id === this.focus) return;
    this.focus = id;
    this.#mark();
    this.tell.focus(id);
  }

  /** Arrow keys step through the structures and show each. */
  #step(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (!(event.key in steps) || event.target.closest("input, select, textarea")) return;
    const ids = this.data.rows.map((row) => row.id);
    const next = ids[ids.indexOf(this.focus) + steps[event.key]];
    if (next === undefined) return;
    event.preventDefault();
    this.elements.get(next).look.focus();
    this.#show(next);
  }

  #mark() {
    for (const row of this.data.rows) {
      const { element, box, star, look } = this.elements.get(row.id);
      element.classList.toggle("focused", row.id === this.focus);
      look.setAttribute("aria-pressed", String(row.id === this.focus));
      box.checked = this.selected.has(row.id);
      star.textContent = row.favourite ? "★" : "☆";
      star.title = row.favourite ? "A favourite; click to take the star away" : "Make it a favourite";
      star.setAttribute("aria-pressed", String(row.favourite));
    }
    if (this.all && !this.data.cards) {
      const n = this.data.rows.filter((row) => this.selected.has(row.id)).length;
      this.all.checked = n > 0 && n === this.data.rows.length;
      this.all.indeterminate = n > 0 && n < this.data.rows.length;
    }
  }
}
