// Sending requests from the page: presets, a digest that is right, wrong or left out, and the same as a command for curl.

import { make, say } from "./text.js";

const MOST_REMEMBERED = 20; // a megabyte each, at worst
const TEXT = new TextEncoder();
const MULTIPART = [
  "--edge-hasher-boundary",
  'Content-Disposition: form-data; name="message"',
  "",
  "hello",
  "--edge-hasher-boundary",
  'Content-Disposition: form-data; name="file"; filename="notes.txt"',
  "Content-Type: text/plain",
  "",
  "a file",
  "--edge-hasher-boundary--",
  "",
].join("\r\n");

// `bytes` is for a body that nobody wants to see: so many random ones.
export const PRESETS = [
  { label: "JSON", method: "POST", type: "application/json", body: '{"message": "hello"}' },
  { label: "Form", method: "POST", type: "application/x-www-form-urlencoded", body: "message=hello&language=en" },
  { label: "Multipart", method: "POST", type: "multipart/form-data; boundary=edge-hasher-boundary", body: MULTIPART },
  { label: "Binary, 900 kB", method: "POST", type: "application/octet-stream", bytes: 900_000 },
  { label: "1 MiB and 1 byte", method: "POST", type: "application/octet-stream", bytes: 1_048_577 },
  { label: "Server-sent events", method: "POST", type: "application/json", accept: "text/event-stream", body: '{"message": "hello"}' },
  { label: "GET", method: "GET", type: "", body: "" },
];
export const DIGESTS = ["left to the function", "sent by the client", "sent, and wrong"];

function randomBytes(count) {
  const bytes = new Uint8Array(count);
  for (let start = 0; start < count; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  return bytes;
}

// Only https and localhost have crypto.subtle.
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// The request as a command; a digest is computed by the shell, from the same bytes.
export function asCurl({ method, target, type, accept, body, bytes, digest }) {
  const words = ["curl", "-i", "-X", method];
  const headers = [type && `content-type: ${type}`, accept && `accept: ${accept}`].filter(Boolean);
  for (const header of headers) words.push("-H", quoted(header));
  const url = quoted(location.origin + target);
  if (!bytes && !body) return [...words, url].join(" ");
  const makes = bytes ? `head -c ${bytes} /dev/urandom > body.bin` : `printf %s ${quoted(body)} > body.bin`;
  if (digest === DIGESTS[1]) words.push("-H", '"x-amz-content-sha256: $(sha256sum body.bin | cut -d " " -f 1)"');
  if (digest === DIGESTS[2]) words.push("-H", quoted(`x-amz-content-sha256: ${"0".repeat(64)}`));
  return `${makes} && ${[...words, "--data-binary", "@body.bin", url].join(" ")}`;
}

export class Composer {
  // `form` is the page's; `sent` is called with the id of each request that was answered.
  constructor(form, sent) {
    this.form = form;
    this.fields = form.elements;
    this.sent = sent;
    this.remembered = new Map();
    this.fields.preset.append(...PRESETS.map(({ label }) => make("option", { text: label })));
    this.fields.digest.append(...DIGESTS.map((label) => make("option", { text: label })));
    this.fields.preset.addEventListener("change", () => this.#fill(PRESETS[this.fields.preset.selectedIndex]));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(this.#composed());
    });
    this.fields.curl.addEventListener("click", () => this.copied(asCurl(this.#composed()), this.fields.curl));
    this.#fill(PRESETS[0]);
  }

  copied() {} // the page puts its own copying here

  has(id) {
    return this.remembered.has(id);
  }

  // Sends what was sent from this page once more; of other requests nobody has the body.
  again(id, digest) {
    return this.send({ ...this.remembered.get(id), digest });
  }

  edit({ method, target, content_type: type = "" }) {
    this.#fill({ method, target, type, body: "" });
    this.form.closest("details").open = true;
    this.fields.body.focus();
  }

  async send(request) {
    say(this.fields.told, "Sending");
    try {
      const data = request.bytes ? (request.data ?? randomBytes(request.bytes)) : TEXT.encode(request.body);
      const headers = new Headers();
      if (request.type) headers.set("content-type", request.type);
      if (request.accept) headers.set("accept", request.accept);
      if (request.digest === DIGESTS[1]) headers.set("x-amz-content-sha256", await sha256(data));
      if (request.digest === DIGESTS[2]) headers.set("x-amz-content-sha256", "0".repeat(64));
      const hasBody = data.length > 0 && !["GET", "HEAD"].includes(request.method);
      const answer = await fetch(request.target, { method: request.method, headers, body: hasBody ? data : undefined, redirect: "manual", cache: "no-store" });
      const id = answer.headers.get("x-amz-cf-id");
      if (id) this.#remember(id, { ...request, data: request.bytes ? data : undefined });
      say(this.fields.told, answer.type === "opaqueredirect" ? "A redirect" : `${answer.status} ${answer.statusText}`);
      if (id) this.sent(id);
      const reader = answer.body?.getReader();
      while (reader && !(await reader.read()).done); // to its end, or the edge would say that the client left
    } catch (error) {
      say(this.fields.told, `Not sent, or broken off: ${error.message}`);
    }
  }

  #remember(id, request) {
    this.remembered.set(id, request);
    if (this.remembered.size > MOST_REMEMBERED) this.remembered.delete(this.remembered.keys().next().value);
  }

  #fill({ method, target, type, accept, body, bytes }) {
    this.fields.method.value = method;
    if (target !== undefined) this.fields.target.value = target;
    this.fields.type.value = type;
    this.fields.body.value = bytes ? "" : body;
    this.fields.body.disabled = Boolean(bytes);
    this.fields.body.placeholder = bytes ? `${bytes} random bytes` : "";
    this.extra = { bytes, accept };
  }

  #composed() {
    const { method, target, type, body, digest } = this.fields;
    const path = target.value.startsWith("/") ? target.value : `/${target.value}`;
    return { ...this.extra, method: method.value, target: path, type: type.value, body: body.value, digest: digest.value };
  }
}
