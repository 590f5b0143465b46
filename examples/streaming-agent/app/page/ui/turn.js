// One question with its answer in the conversation: tool calls, words, and how it ended.

import { grouped, make } from "./dom.js";

const STATES = { running: "running", ok: "done", failed: "failed", stopped: "stopped" };

export class Turn {
  #tools = new Map();
  #text = null;
  #started = performance.now();
  firstEventMs = null;
  heartbeats = 0;

  constructor(log, question) {
    this.body = make("div", { class: "answer" });
    this.foot = make("p", { class: "muted small", "data-role": "timing" });
    this.element = make("article", { class: "turn", "aria-busy": "true", "data-state": "streaming" },
      make("p", { class: "bubble", "data-role": "question" }, question), this.body, this.foot);
    log.append(this.element);
    this.#time();
  }

  /** Hear a comment of the stream; heartbeats are counted. */
  comment(text) {
    if (text === "heartbeat") this.heartbeats += 1;
    this.#time();
  }

  /** Show one event; returns true for `done`. Unknown events are passed over. */
  take({ name, data }) {
    this.firstEventMs ??= performance.now() - this.#started;
    const value = JSON.parse(data);
    if (name === "tool_start") this.#toolStart(value);
    if (name === "tool_end") this.#toolEnd(value);
    if (name === "message") this.#message(value);
    this.#time();
    return name === "done";
  }

  /** End it: state is done, stopped or failed; a card says what went wrong. */
  end(state, card = null) {
    this.element.dataset.state = state;
    this.element.setAttribute("aria-busy", "false");
    for (const tool of this.#tools.values()) {
      if (tool.dataset.state === "running") this.#mark(tool, "stopped");
    }
    if (card) this.body.append(card);
    this.#time(state);
  }

  get text() {
    return [...this.body.querySelectorAll("[data-role=text]")].map((part) => part.textContent).join(" ");
  }

  #toolStart({ id, name, input }) {
    const tool = make("div", { class: "tool", "data-tool": name, "data-call": id },
      make("span", { class: "tool-mark", "aria-hidden": "true" }),
      make("span", { class: "tool-name" }, name),
      make("code", { class: "tool-input" }, input),
      make("span", { class: "tool-state" }));
    this.#tools.set(id, tool);
    this.#mark(tool, "running");
    this.body.append(tool);
    this.#text = null; // words after a tool call begin a new paragraph
  }

  #toolEnd({ id, ok, output, ms }) {
    const tool = this.#tools.get(id);
    if (!tool) return;
    this.#mark(tool, ok ? "ok" : "failed", `${grouped(ms)} ms`);
    tool.append(make("code", { class: "tool-output" }, output));
  }

  #mark(tool, state, note = "") {
    tool.dataset.state = state;
    tool.querySelector(".tool-state").textContent = note ? `${STATES[state]}, ${note}` : STATES[state];
  }

  #message({ text }) {
    if (!this.#text) {
      this.#text = make("p", { "data-role": "text" });
      this.body.append(this.#text);
      text = text.trimStart();
    }
    this.#text.append(text);
  }

  #time(state = "streaming") {
    const parts = [state];
    if (this.firstEventMs !== null) parts.push(`first event ${grouped(Math.round(this.firstEventMs))} ms`);
    if (state !== "streaming") parts.push(`total ${grouped(Math.round(performance.now() - this.#started))} ms`);
    if (this.heartbeats) parts.push(`${this.heartbeats} heartbeat${this.heartbeats === 1 ? "" : "s"}`);
    this.foot.textContent = parts.join(" · ");
  }
}
