// The chat: sends a message, shows what streams back, stops when asked.

import { byId } from "./dom.js";
import { brokenCard, card, read } from "./refusal.js";
import { events } from "./sse.js";
import { Turn } from "./turn.js";
import { setUpUpload } from "./upload.js";

const SAID = {
  idle: "Enter sends, Shift+Enter starts a new line.",
  streaming: "The agent is answering…",
  done: "Done.",
  stopped: "Stopped.",
  failed: "No whole answer. The reason is above.",
};

// The demo opens this page at two addresses that look alike: their fragment says which is which.
const EDGES = { "#with-function": "with the function", "#without-function": "without the function" };

const log = byId("log");
const field = byId("message");
let running = null; // the AbortController of the stream that is open

async function ask(question) {
  const controller = new AbortController();
  setRunning(controller);
  byId("welcome")?.remove();
  const turn = new Turn(log, question);
  log.scrollTop = log.scrollHeight;
  try {
    const { state, broken } = await stream(question, turn, controller.signal);
    turn.end(state, broken);
    say(state);
    if (state === "done") announce(turn.text);
  } catch (error) {
    const stopped = controller.signal.aborted;
    turn.end(stopped ? "stopped" : "failed", stopped ? null : lost(error, turn));
    say(stopped ? "stopped" : "failed");
  }
  follow();
  // A card can be taller than the view: its beginning is what has to be seen.
  if (turn.element.dataset.state === "failed") log.scrollTop = turn.element.offsetTop - log.offsetTop - 16;
  setRunning(null);
}

async function stream(question, turn, signal) {
  const response = await fetch("/chat", {
    method: "POST",
    headers: { "content-type": "application/json", "accept": "text/event-stream" },
    body: JSON.stringify({ message: question }),
    signal,
  });
  if (!response.ok) return { state: "failed", broken: card(await read(response)) };
  let done = false;
  // To its end: a page that goes away at `done` is a viewer that left, to CloudFront and in every log.
  for await (const event of events(response, (text) => turn.comment(text))) {
    done = turn.take(event) || done;
    follow();
  }
  return done ? { state: "done", broken: null } : { state: "failed", broken: cutShort(response) };
}

function cutShort(response) {
  const what = "The stream ended before the agent was done. The app ended early, or nothing came for longer than the origin’s read timeout.";
  return brokenCard("The answer is not complete", what, response.headers.get("x-amz-cf-id") ?? "");
}

function lost(error, turn) {
  const began = turn.firstEventMs !== null;
  const heading = began ? "The answer is not complete" : "No answer";
  const why = began ? "The connection broke in the middle of the stream" : "The server could not be reached";
  return brokenCard(heading, `${why}: ${error.message}.`);
}

// Stay at the end, unless the reader has scrolled away from it.
let atEnd = true;
log.addEventListener("scroll", () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60; });
function follow() {
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function say(state) {
  const status = byId("stream-status");
  status.dataset.state = state;
  status.textContent = SAID[state];
}

// Words are read aloud once, when all have come, not piece by piece.
function announce(text) {
  byId("announcement").textContent = text;
}

function setRunning(controller) {
  running = controller;
  byId("send").hidden = Boolean(controller);
  byId("stop").hidden = !controller;
  if (controller) {
    atEnd = true;
    say("streaming");
    announce("");
  }
  field.focus({ preventScroll: true });
}

function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

async function checkHealth() {
  const health = byId("health");
  const answer = await fetch("/health", { headers: { accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : { status: `answers ${response.status}` }))
    .catch(() => ({ status: "not reached" }));
  health.hidden = false;
  health.dataset.state = answer.status === "ok" ? "ok" : "bad";
  byId("health-text").textContent = answer.status === "ok" ? "GET works" : `GET /health ${answer.status}`;
}

byId("composer").addEventListener("submit", (submission) => {
  submission.preventDefault();
  const question = field.value.trim();
  if (!question || running) return;
  field.value = "";
  fit();
  ask(question);
});
field.addEventListener("input", fit);
field.addEventListener("keydown", (key) => {
  if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
  key.preventDefault();
  byId("composer").requestSubmit();
});
byId("stop").addEventListener("click", () => running?.abort());
byId("examples").addEventListener("click", (click) => {
  const example = click.target.closest("[data-example]");
  if (!example || running) return;
  field.value = example.dataset.example;
  byId("composer").requestSubmit();
});
byId("examples").hidden = false;
say("idle");
setUpUpload();
checkHealth();
if (location.hash in EDGES) {
  document.title = `${document.title} · ${EDGES[location.hash]}`;
  document.querySelector("h1").textContent += `, ${EDGES[location.hash]}`;
}
document.documentElement.dataset.ready = "true";
