// The upload form: the file goes as the raw body, and its digest is made on both sides. A file that is larger than a Function URL
// takes goes to a bucket, where the app has one.

import { byId, grouped, make } from "./dom.js";
import { hashingFetch, sha256 } from "./edge-hasher.js";
import { brokenCard, card, read } from "./refusal.js";

const FUNCTION_URL_LIMIT_BYTES = 6 * 1024 * 1024; // the app's UPLOAD_BODY_LIMIT
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

const send = (file) => (file.size > FUNCTION_URL_LIMIT_BYTES ? sendLarge(file) : sendWhole(file));

// The app signs a URL for this one file, and the browser puts it into the bucket. The signature does not cover the body, so nothing
// has to be hashed, and the file is read as it is sent.
async function sendLarge(file) {
  const type = file.type.split(";")[0].trim().toLowerCase();
  const asked = await fetch("/upload/large", {
    method: "POST",
    headers: { "content-type": "application/json", "accept": "application/json" },
    body: JSON.stringify({ bytes: file.size, type }),
  });
  if (!asked.ok) return card(await read(asked));
  const { method, url, headers, key } = await asked.json();
  const put = await fetch(url, { method, headers, body: file });
  return put.ok ? stored(file, key) : card(await read(put));
}

async function sendWhole(file) {
  const bytes = await file.arrayBuffer();
  const own = crypto.subtle ? await sha256(bytes) : "";
  const headers = { "content-type": "application/octet-stream", "accept": "application/json" };
  const post = own && byId("send-digest").checked ? hashingFetch : fetch;
  const response = await post(`/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", headers, body: bytes });
  return response.ok ? outcome(await response.json(), own) : card(await read(response));
}

function stored(file, key) {
  const facts = { "name": file.name, "bytes": grouped(file.size), "key": key };
  const said = "The bucket has the file, and will delete it after a day.";
  return make("section", { class: "outcome", "data-match": "unknown" }, make("p", { class: "verdict" }, said), listed(facts));
}

function outcome({ name, bytes, sha256: received }, own) {
  const same = own === received;
  const verdict = same ? "The digests agree: every byte arrived." : "The digests differ: the body was changed on its way.";
  const facts = { "name": name, "bytes": grouped(bytes), "sha256, app": received, "sha256, browser": own };
  const match = own ? String(same) : "unknown";
  return make("section", { class: "outcome", "data-match": match },
    make("p", { class: "verdict" }, own ? verdict : CANNOT_HASH), listed(facts));
}

function listed(facts) {
  const list = make("dl", { class: "facts" });
  for (const [label, value] of Object.entries(facts)) {
    if (value) list.append(make("dt", {}, label), make("dd", { "data-fact": label }, value));
  }
  return list;
}

function noAnswer(error) {
  return brokenCard("No answer", `The browser could not send the file or read the answer: ${error.message}.`);
}
