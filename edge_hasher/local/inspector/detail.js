// One request, step by step. Steps are only ever added, so that opened blocks, selection and scrolling stay as they are.

import { DIGESTS, asCurl } from "./composer.js";
import { bytesText, clockText, copy, copyButton, durationText, hashOf, make, say, visible, wordText } from "./text.js";

const STATES = { passed: "passed", refused: "ended here", live: "here now", unused: "not used", ahead: "not reached" };
const MARKS = { passed: "✓", refused: "✕", live: "", unused: "–", ahead: "" };
const MOST_NUMBERED_LINES = 400;

export class Detail {
  constructor(section, close, composer) {
    this.section = section;
    this.close = close;
    this.composer = composer;
    this.id = null;
  }

  hide() {
    this.section.hidden = true;
    this.section.replaceChildren();
    this.id = null;
  }

  missing(id) {
    if (this.id === `missing ${id}`) return;
    this.id = `missing ${id}`;
    const told = "It is no longer kept (the last 200 are), or it belongs to an earlier run of the local edge.";
    const title = make("h2", { id: "detail-title", text: "There is no such request", tabindex: "-1" });
    this.section.replaceChildren(this.#bar(), make("div", { name: "banner is-left" }, title, make("p", { text: told })));
    this.section.hidden = false;
  }

  show(exchange) {
    if (this.id !== exchange.id) this.#start(exchange);
    if (this.shown === exchange) return;
    this.shown = exchange;
    this.#patch(exchange);
    this.section.hidden = false;
  }

  focus() {
    this.section.querySelector("#detail-title")?.focus({ preventScroll: true });
  }

  #bar() {
    const close = make("button", { name: "close", type: "button", text: "All requests", "aria-label": "Back to all requests" });
    close.addEventListener("click", this.close);
    return make("div", { name: "bar" }, close);
  }

  #start(exchange) {
    this.id = exchange.id;
    this.shown = null;
    this.steps = [];
    const bar = this.#bar();
    bar.append(make("span", { name: "number", text: `#${exchange.number}` }), copyButton(location.href.split("#")[0] + hashOf(exchange.id), "a link to this request"));
    bar.lastElementChild.textContent = "Copy link";
    const title = make("h2", { id: "detail-title", tabindex: "-1" });
    title.append(make("span", { name: "method", text: visible(exchange.method) }), " ", make("span", { name: "path", text: visible(exchange.target) }));
    this.headline = make("strong");
    this.advice = make("p", { name: "advice" });
    this.banner = make("div", { name: "banner" }, make("p", { name: "headline" }, this.headline), this.advice);
    this.way = make("ol", { name: "stations", "aria-label": "The way of the request" });
    this.stations = exchange.way.map(([label, , names]) => this.#station(label, names));
    this.numbers = make("dl", { name: "numbers" });
    this.list = make("ol", { name: "steps", "aria-label": "Step by step" });
    this.section.replaceChildren(bar, title, this.banner, this.#actions(exchange), this.way, this.numbers, this.list);
    this.section.scrollTop = 0;
  }

  // What was sent from this page can be sent again; of any other request the edge keeps neither headers nor body.
  #actions(exchange) {
    const actions = make("p", { name: "actions" });
    const add = (text, action) => {
      const button = make("button", { type: "button", text });
      button.addEventListener("click", () => action(button));
      actions.append(button);
    };
    if (exchange.method === "?") return actions;
    const known = this.composer.remembered.get(exchange.id);
    if (known) {
      add("Send again", () => this.composer.again(exchange.id, known.digest));
      const other = known.digest === DIGESTS[1] ? DIGESTS[0] : DIGESTS[1];
      add(other === DIGESTS[1] ? "Send again with a digest" : "Send again without a digest", () => this.composer.again(exchange.id, other));
    } else add("Send one like it", () => this.composer.edit(exchange));
    const bytes = exchange.body_bytes;
    add("Copy as curl", (button) => copy(asCurl(known ?? { method: exchange.method, target: exchange.target, body: "", bytes }), button));
    return actions;
  }

  #station(label, names) {
    const mark = make("span", { name: "mark", "aria-hidden": "true" });
    const state = make("span", { name: "aside" });
    const button = make("button", { type: "button" }, mark, make("span", { name: "label", text: label }), state);
    button.addEventListener("click", () => this.#goTo(names));
    const item = make("li", {}, button);
    this.way.append(item);
    return { item, button, mark, state };
  }

  #goTo(names) {
    const step = this.steps.find((candidate) => names.includes(candidate.name));
    step?.element.scrollIntoView({ block: "start", behavior: "auto" });
    step?.heading.focus({ preventScroll: true });
  }

  #patch(exchange) {
    this.banner.className = `banner is-${exchange.outcome}`;
    say(this.headline, exchange.status && !exchange.headline.includes(exchange.status) ? `${exchange.headline} · ${exchange.status}` : exchange.headline);
    say(this.advice, visible(exchange.advice));
    this.advice.hidden = !exchange.advice;
    exchange.way.forEach(([, state, names], index) => {
      const station = this.stations[index];
      station.item.className = `is-${state}`;
      station.button.disabled = !exchange.steps.some((step) => names.includes(step.name));
      say(station.mark, MARKS[state]);
      say(station.state, `: ${STATES[state]}`);
    });
    this.#numbers(exchange);
    exchange.steps.slice(this.steps.length).forEach((step) => {
      const shown = makeStep(step);
      this.steps.push(shown);
      this.list.append(shown.element);
    });
    drawTimes(this.steps, exchange);
  }

  #numbers(exchange) {
    const pairs = [
      ["at", clockText(exchange.started_at)],
      ["from", exchange.source === "direct" ? "a direct call" : "the edge"],
      ["decision", wordText(exchange.decision)],
      ["verdict", wordText(exchange.verdict)],
      ["body", bytesText(exchange.body_bytes)],
      ["answer", bytesText(exchange.answer_bytes)],
      ["first byte", durationText(exchange.first_byte_ms)],
      ["total", durationText(exchange.total_ms)],
      ["id", visible(exchange.id)],
    ];
    if (!this.numbers.children.length) {
      this.numbers.append(...pairs.map(([label]) => make("div", { name: label === "id" ? "id" : "" }, make("dt", { text: label }), make("dd"))));
    }
    pairs.forEach(([, text], index) => say(this.numbers.children[index].lastElementChild, text));
  }
}

function makeStep(step) {
  const verdict = step.ok === false ? "refused" : step.ok === true ? "passed" : "plain";
  const heading = make("h3", { text: visible(step.title), tabindex: "-1" });
  const fill = make("i");
  const took = make("span", { name: "took" });
  const time = make("span", { name: "times" }, make("span", { name: "track", "aria-hidden": "true" }, fill), took);
  const rail = make("span", { name: "mark", "aria-hidden": "true", text: { refused: "✕", passed: "✓", plain: "" }[verdict] });
  const element = make("li", { name: `step is-${verdict}` }, rail, make("div", { name: "line" }, heading, time));
  if (step.sentence) element.append(make("p", { text: visible(step.sentence) }));
  if (step.facts.length) {
    const facts = step.facts.map(([label, value]) => make("div", {}, make("dt", { text: visible(label) }), make("dd", { text: visible(value) })));
    element.append(make("dl", { name: "facts" }, ...facts));
  }
  element.append(...step.blocks.map(([title, text]) => makeBlock(title, text, step.ok === false)));
  return { name: step.name, element, heading, fill, took };
}

function makeBlock(title, text, open) {
  const label = visible(title);
  const lines = visible(text, { keepLines: true }).split("\n");
  const pre = make("pre", { tabindex: "0", role: "region", "aria-label": label });
  // Numbered lines show what a canonical request lives on: its empty lines, and where a long one really ends.
  if (lines.length <= MOST_NUMBERED_LINES) pre.append(...lines.map((line) => make("span", { name: "row", text: line + "\n" })));
  else pre.textContent = lines.join("\n");
  const count = make("span", { name: "count", text: lines.length === 1 ? "1 line" : `${lines.length} lines` });
  const details = make("details", { open }, make("summary", {}, make("span", { text: label }), count), pre);
  return make("div", { name: "block" }, details, copyButton(text, label));
}

// A step's bar runs from the step before it to the moment it was noted; the answer's goes on to the end of the request.
function drawTimes(steps, exchange) {
  const noted = exchange.steps.map((step) => step.at_ms);
  const whole = Math.max(exchange.total_ms ?? 0, ...noted, 0.001);
  steps.forEach((step, index) => {
    const from = index ? noted[index - 1] : 0;
    const last = index === steps.length - 1;
    const to = last && exchange.done ? Math.max(exchange.total_ms, noted[index]) : noted[index];
    step.fill.style.left = `${(from / whole) * 100}%`;
    step.fill.style.width = `${Math.max(to - from, 0) / whole * 100}%`;
    say(step.took, last && !exchange.done ? "now" : `+${durationText(Math.max(to - from, 0))}`);
  });
}
