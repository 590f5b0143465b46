// The upload form: the file goes as the raw body, and its digest is made on both sides.

import { byId, grouped, make } from "./dom.js";
import { hashingFetch, sha256 } from "./edge-hasher.js";
import { brokenCard, card, read } from "./refusal.js";

const CANNOT_HASH = "This page is not served over HTTPS or from this machine, so the browser gives it no crypto.subtle.";

export function setUpUpload() {
  const form = byId("upload");
  byId("digest-option").hidden = !crypto.subtle;
  form.addEventListener("submit", async (submission) => {
    submission.preventDefault();
    const file = byId("file").files[0];
    if (!file) return;
    const button = byId("upload-send");
    const result = byId("upload-result");
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    result.replaceChildren(make("p", { class: "muted" }, `Sending ${grouped(file.size)} bytes…`));
    result.replaceChildren(await send(file).catch(noAnswer));
    form.removeAttribute("aria-busy");
    button.disabled = false;
  });
}

async function send(file) {
  const bytes = await file.arrayBuffer();
  const own = crypto.subtle ? await sha256(bytes) : "";
  const headers = { "content-type": "application/octet-stream", "accept": "application/json" };
  const post = own && byId("send-digest").checked ? hashingFetch : fetch;
  const response = await post(`/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", headers, body: bytes });
  return response.ok ? outcome(await response.json(), own) : card(await read(response));
}

function outcome({ name, bytes, sha256: received }, own) {
  const same = own === received;
  const verdict = same ? "The digests agree: every byte arrived." : "The digests differ: the body was changed on its way.";
  const facts = { "name": name, "bytes": grouped(bytes), "sha256, app": received, "sha256, browser": own };
  const list = make("dl", { class: "facts" });
  for (const [label, value] of Object.entries(facts)) {
    if (value) list.append(make("dt", {}, label), make("dd", { "data-fact": label }, value));
  }
  const match = own ? String(same) : "unknown";
  return make("section", { class: "outcome", "data-match": match },
    make("p", { class: "verdict" }, own ? verdict : CANNOT_HASH), list);
}

function noAnswer(error) {
  return brokenCard("No answer", `The browser could not send the file or read the answer: ${error.message}.`);
}
