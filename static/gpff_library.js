// Entry point of the library's table.

import { component } from "./component.js";
import { Table } from "./library/table.js";

function make(parent, tell) {
  // Everything with its time: the same ticks can come twice, and after a deletion that was undone they are news again.
  const event = (name, value) => tell.event(name, { ...value, time: Date.now() });
  return new Table(parent, {
    select: (ids) => tell.state("selected", { ids, time: Date.now() }),
    focus: (id) => event("focus", { id }),
    star: (changes) => event("stars", { changes }),
    sort: (name) => event("sort", { name }),
  });
}

export default component(make, { style: "library/table.css" });
