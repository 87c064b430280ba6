// What lies over the picture as ordinary elements: the names of the overview's cells and the labels of atoms.

export class Overlay {
  /** `onChoose(index)` is called when a cell is chosen by keyboard. */
  constructor(element, onChoose) {
    this.element = element;
    this.onChoose = onChoose;
    this.cells = [];
    this.labels = [];
    this.captions = [];
  }

  /** One short line a molecule, "" where there is nothing to say yet. */
  setCaptions(captions) {
    this.captions = captions;
  }

  placeCells(cells) {
    while (this.cells.length > cells.length) this.cells.pop().remove();
    while (this.cells.length < cells.length) this.cells.push(this.#newCell(this.cells.length));
    for (const { index, left, top, width, height } of cells) {
      const caption = this.captions[index] ? `${index + 1}  ${this.captions[index]}` : `${index + 1}`;
      const cell = this.cells[index];
      if (cell.firstChild.textContent !== caption) {
        cell.firstChild.textContent = caption;
        cell.setAttribute("aria-label", `Show molecule ${caption}`);
      }
      Object.assign(cell.style, px({ left, top, width, height }));
    }
  }

  placeLabels(labels) {
    while (this.labels.length > labels.length) this.labels.pop().remove();
    while (this.labels.length < labels.length) {
      const label = document.createElement("span");
      label.className = "atom-label";
      this.element.append(label);
      this.labels.push(label);
    }
    labels.forEach(({ text, left, top, locked, shape }, place) => {
      const label = this.labels[place];
      label.textContent = text;
      label.classList.toggle("locked", Boolean(locked));
      label.classList.toggle("of-shape", Boolean(shape));
      Object.assign(label.style, px({ left, top }));
    });
  }

  /** Index of the cell at a point of the picture, or null. */
  cellAt(left, top) {
    const frame = this.element.getBoundingClientRect();
    const found = this.cells.findIndex((cell) => {
      const box = cell.getBoundingClientRect();
      const [x, y] = [left + frame.left, top + frame.top];
      return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    });
    return found < 0 ? null : found;
  }

  point(index) {
    this.cells.forEach((cell, place) => cell.classList.toggle("pointed", place === index));
  }

  #newCell(index) {
    const cell = document.createElement("button");
    cell.className = "cell";
    cell.append(document.createElement("span"));
    cell.addEventListener("click", () => this.onChoose(index));
    this.element.append(cell);
    return cell;
  }
}

function px(lengths) {
  return Object.fromEntries(Object.entries(lengths).map(([name, value]) => [name, `${value.toFixed(1)}px`]));
}
