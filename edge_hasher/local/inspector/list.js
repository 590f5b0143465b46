// The table of requests: a body of one or two rows for each, as the server writes it (table.py), newest first.

import { hashOf } from "./text.js";

// Everything in the HTML is escaped by the server, and the page's policy lets nothing in it run.
function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

export class List {
  constructor(table) {
    this.table = table;
    this.rows = null; // until the first show() the rows are the server's
    table.addEventListener("click", (event) => this.#clicked(event));
    table.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // `shown` is what the filter lets through, oldest first.
  show(shown, selectedId, { fresh = false } = {}) {
    if (!this.rows) {
      this.rows = new Map();
      for (const body of [...this.table.tBodies]) body.remove();
    }
    const wanted = new Set(shown.map((exchange) => exchange.id));
    for (const [id, row] of this.rows) {
      if (!wanted.has(id)) {
        row.element.remove();
        this.rows.delete(id);
      }
    }
    let next = this.table.tBodies[0] ?? null;
    for (const exchange of shown.toReversed()) {
      const known = this.rows.get(exchange.id);
      const row = known ?? this.#add(exchange);
      if (!known && fresh) row.element.classList.add("is-new");
      if (row.element === next) next = next.nextElementSibling;
      else this.table.insertBefore(row.element, next);
      if (row.shown !== exchange) this.#patch(row, exchange);
      this.#mark(row, exchange.id === selectedId);
    }
  }

  reveal(id) {
    this.rows?.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  focus(id) {
    this.rows?.get(id)?.link.focus();
  }

  #add(exchange) {
    const element = parsed(exchange.row);
    const cells = [...element.querySelectorAll("td")];
    const row = { element, cells, html: cells.map((cell) => cell.innerHTML), shown: exchange, link: element.querySelector("a.path") };
    row.link.href = hashOf(exchange.id);
    this.rows.set(exchange.id, row);
    return row;
  }

  // Only cells that differ are replaced: focus, a selection or a screen reader's place in the others survive.
  #patch(row, exchange) {
    const fresh = parsed(exchange.row);
    row.element.classList.replace(`is-${row.shown.outcome}`, `is-${exchange.outcome}`);
    row.element.lastElementChild.hidden = fresh.lastElementChild.hidden;
    fresh.querySelectorAll("td").forEach((cell, index) => {
      const html = cell.innerHTML;
      if (html !== row.html[index]) row.cells[index].innerHTML = row.html[index] = html;
    });
    row.shown = exchange;
  }

  #mark(row, selected) {
    row.element.classList.toggle("is-selected", selected);
    if (selected) row.link.setAttribute("aria-current", "true");
    else row.link.removeAttribute("aria-current");
  }

  // Both rows are a target for the mouse, unless text is being selected in it; the link is the keyboard's.
  #clicked(event) {
    const link = event.target.closest("tbody")?.querySelector("a.path");
    if (!link || event.target.closest("a") || String(getSelection())) return;
    location.hash = link.hash;
  }

  #pressed(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const link = step && event.target.closest("tbody")?.[step]?.querySelector("a.path");
    if (!link) return;
    event.preventDefault();
    link.focus();
    // Browsing with the arrows leaves one entry in the history, not one for each row.
    if (location.hash) location.replace(link.hash);
  }
}
