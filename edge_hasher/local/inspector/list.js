// The table of requests: a body of one or two rows for each, patched in place, newest first.

import { NOTHING, bytesText, clockText, durationText, hashOf, make, say, visible, wordText } from "./text.js";

// The cells and their order are those that the server writes (table.py).
const CELLS = ["number", "time", "status", "method", "target", "way", "decision", "verdict", "in", "out", "first", "total"];
const OUTCOMES = {
  live: "in progress",
  passed: "answered",
  refused: "refused",
  broken: "broken off",
  "app-error": "error of the app",
  left: "client left",
};

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
    const cells = Object.fromEntries(CELLS.map((name) => [name, make("td", { name })]));
    const row = {
      element: make("tbody"),
      cells,
      pill: make("span", { name: "pill" }),
      outcome: make("span", { name: "aside" }),
      link: make("a", { name: "path", href: hashOf(exchange.id) }),
      sentence: make("span", { name: "sentence" }),
      dots: exchange.way.map(() => make("i", { name: "dot" })),
    };
    cells.status.append(row.pill, row.outcome);
    cells.target.append(row.link);
    cells.way.append(...row.dots);
    row.told = make("tr", { name: "told" }, make("td", { colspan: String(CELLS.length) }, row.sentence));
    row.element.append(make("tr", {}, ...CELLS.map((name) => cells[name])), row.told);
    this.rows.set(exchange.id, row);
    return row;
  }

  #patch(row, exchange) {
    row.shown = exchange;
    row.element.classList.remove(...Object.keys(OUTCOMES).map((outcome) => `is-${outcome}`));
    row.element.classList.add(`is-${exchange.outcome}`);
    say(row.pill, exchange.status ? String(exchange.status) : NOTHING);
    say(row.outcome, ` ${OUTCOMES[exchange.outcome] ?? ""}`);
    say(row.link, visible(exchange.target));
    row.link.title = visible(exchange.target);
    say(row.sentence, visible(`${exchange.headline}. ${exchange.advice}`.trim()));
    row.told.hidden = exchange.outcome === "passed";
    row.dots.forEach((dot, index) => (dot.className = `dot is-${exchange.way[index][1]}`));
    const texts = {
      number: String(exchange.number),
      time: clockText(exchange.started_at),
      method: visible(exchange.method),
      decision: wordText(exchange.decision),
      verdict: wordText(exchange.verdict),
      in: bytesText(exchange.body_bytes),
      out: bytesText(exchange.answer_bytes),
      first: durationText(exchange.first_byte_ms),
      total: durationText(exchange.total_ms),
    };
    for (const [name, text] of Object.entries(texts)) say(row.cells[name], text);
    row.cells.decision.title = texts.decision;
    row.cells.verdict.title = texts.verdict;
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
