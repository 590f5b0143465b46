// The page: what is kept, what the filter lets through, and which request is open. The address's #id names the open one.

import { Composer } from "./composer.js";
import { Detail } from "./detail.js";
import { download, harOf } from "./har.js";
import { List } from "./list.js";
import { copy, copyButton, hashOf, idInHash, make, say, visible } from "./text.js";

const KEPT = 200;
const COME_BACK_MS = 2000;
const CATCH_UP_MS = 1000;
const by = (id) => document.getElementById(id);

const list = new List(by("rows"));
const composer = new Composer(by("compose"), (id) => { location.hash = hashOf(id); });
composer.copied = copy;
const detail = new Detail(by("detail"), closeDetail, composer);
const choice = { refused: false, text: "", decision: "", verdict: "" };
let exchanges = new Map();
let frozen = null; // what is shown while paused
let changedWhilePaused = new Set();
let run = null;
let owed = Infinity; // how much of what is kept the edge has still to send; until then nothing is drawn
let source = null;
let drawing = false;
let drawn = false;

function isRefused(exchange) {
  return exchange.outcome === "refused" || exchange.outcome === "broken";
}

function fits(exchange) {
  if (choice.refused && !isRefused(exchange)) return false;
  if (choice.decision && exchange.decision !== choice.decision) return false;
  if (choice.verdict && exchange.verdict !== choice.verdict) return false;
  const said = [exchange.method, exchange.target, exchange.status, exchange.decision, exchange.verdict, exchange.headline, exchange.advice, exchange.id];
  return choice.text.split(/\s+/).every((word) => said.join(" ").toLowerCase().includes(word));
}

function draw() {
  drawing = false;
  if (owed > 0) return;
  const kept = [...(frozen ?? exchanges).values()].sort((one, other) => one.number - other.number);
  const shown = kept.filter(fits);
  offer(by("row"), kept.map((exchange) => exchange.decision), choice.decision);
  offer(by("verdict"), kept.map((exchange) => exchange.verdict), choice.verdict);
  const open = idInHash();
  list.show(shown, open, { fresh: drawn });
  drawn = true;
  say(by("count-all"), String(kept.length));
  say(by("count-refused"), String(kept.filter(isRefused).length));
  by("empty").hidden = kept.length > 0;
  by("none").hidden = kept.length === 0 || shown.length > 0;
  document.body.classList.toggle("has-detail", open !== "");
  if (open === "") detail.hide();
  else if ((frozen ?? exchanges).has(open)) detail.show((frozen ?? exchanges).get(open));
  else detail.missing(open);
  drawPause();
}

// The words that there are to choose from, and the chosen one, even if nothing has it any more.
function offer(select, words, chosen) {
  const wanted = ["", ...[...new Set([...words, chosen])].filter((word) => word && word !== "-").sort()];
  if (wanted.join("\n") === [...select.options].map((option) => option.value).join("\n")) return;
  const any = select.options[0];
  select.replaceChildren(any, ...wanted.slice(1).map((word) => make("option", { value: word, text: visible(word) })));
  select.value = chosen;
}

function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function drawPause() {
  by("pause").setAttribute("aria-pressed", String(frozen !== null));
  const waiting = changedWhilePaused.size ? ` · ${changedWhilePaused.size} new` : "";
  say(by("pause-word"), frozen ? `Resume${waiting}` : "Pause");
}

function remember(exchange) {
  exchanges.set(exchange.id, exchange);
  owed -= 1;
  if (exchanges.size > KEPT) {
    const oldest = [...exchanges.values()].reduce((one, other) => (other.number < one.number ? other : one));
    exchanges.delete(oldest.id);
  }
  if (frozen) changedWhilePaused.add(exchange.id);
  drawSoon();
}

function greet({ run: newRun, about, kept }) {
  if (run !== null && run !== newRun) {
    exchanges = new Map();
    frozen = null;
    changedWhilePaused = new Set();
  }
  run = newRun;
  document.title = `${about.Function === "none" ? "Without the function" : "Inspector"} · Edge Hasher`;
  by("about").replaceChildren(
    ...Object.entries(about).map(([name, value]) =>
      make("div", {}, make("dt", { text: visible(name) }), make("dd", { text: visible(value) })),
    ),
  );
  if (!drawn) owed = kept;
  setTimeout(() => {
    owed = 0;
    drawSoon();
  }, CATCH_UP_MS);
  drawSoon();
}

function tell(state, words) {
  const feed = by("feed");
  feed.dataset.state = state;
  say(feed, words);
}

function connect() {
  source?.close();
  source = new EventSource("/__edge/events");
  source.addEventListener("open", () => {
    tell("live", "Live");
    document.body.classList.remove("is-gone");
  });
  source.addEventListener("hello", (event) => greet(JSON.parse(event.data)));
  source.addEventListener("message", (event) => remember(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    tell("lost", "The edge does not answer; trying again");
    document.body.classList.add("is-gone");
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, COME_BACK_MS);
  });
}

function closeDetail() {
  const id = idInHash();
  history.pushState(null, "", location.pathname);
  draw();
  list.focus(id);
}

function opened() {
  draw();
  const id = idInHash();
  list.reveal(id);
  // On a phone the request covers the list, so the focus has to come along.
  if (id && by("rows").offsetParent === null) detail.focus();
}

function choose(refused) {
  choice.refused = refused;
  by("show-all").setAttribute("aria-pressed", String(!refused));
  by("show-refused").setAttribute("aria-pressed", String(refused));
  draw();
}

function start() {
  by("tools").hidden = by("composer").hidden = false;
  if (matchMedia("(max-width: 760px)").matches) by("configuration").open = false;
  for (const [id, word] of [["row", "decision"], ["verdict", "verdict"]]) {
    by(id).addEventListener("change", () => {
      choice[word] = by(id).value;
      draw();
    });
  }
  by("har").addEventListener("click", () => {
    const kept = [...(frozen ?? exchanges).values()].sort((one, other) => one.number - other.number);
    download("edge-hasher.har", harOf(kept.filter(fits), run ?? ""));
  });
  const command = `curl -d hello ${location.origin}/`;
  by("try-command").textContent = command;
  by("try").append(copyButton(command, "the command"));
  by("try").hidden = false;
  by("show-all").addEventListener("click", () => choose(false));
  by("show-refused").addEventListener("click", () => choose(true));
  by("text").addEventListener("input", (event) => {
    choice.text = event.target.value.trim().toLowerCase();
    draw();
  });
  by("pause").addEventListener("click", () => {
    frozen = frozen ? null : new Map(exchanges);
    changedWhilePaused = new Set();
    draw();
  });
  window.addEventListener("hashchange", opened);
  window.addEventListener("popstate", drawSoon);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && idInHash() && !["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) closeDetail();
  });
  // A browser has six connections to one host: pages that nobody looks at give theirs back.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) connect();
    else {
      source?.close();
      tell("off", "Waiting in the background");
    }
  });
  tell("off", "Connecting");
  if (!document.hidden) connect();
}

start();
