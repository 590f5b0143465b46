// Server-sent events from a fetch body. EventSource cannot POST, so the stream is parsed here.
// Source: WHATWG HTML, "Server-sent events", parsing and interpreting an event stream.

/** Takes bytes in pieces of any size, gives whole events: {name, data}. Comments go to `onComment`. */
export class EventParser {
  #decoder = new TextDecoder(); // drops the byte order mark, holds back half a character
  #line = "";
  #afterReturn = false;
  #name = "";
  #data = [];
  #onComment;

  constructor(onComment = () => {}) {
    this.#onComment = onComment;
  }

  /** @param {Uint8Array} bytes @returns {{name: string, data: string}[]} */
  push(bytes) {
    const events = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (!text) return events;
    if (this.#afterReturn && text.startsWith("\n")) text = text.slice(1); // CRLF, cut in the middle
    this.#afterReturn = text.endsWith("\r");
    const lines = text.split(/\r\n|\r|\n/);
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop();
    for (const line of lines) this.#take(line, events);
    return events;
  }

  #take(line, events) {
    if (line === "") return this.#dispatch(events);
    if (line.startsWith(":")) {
      this.#onComment(line.slice(1).trim());
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
  }

  #dispatch(events) {
    if (this.#data.length) events.push({ name: this.#name || "message", data: this.#data.join("\n") });
    this.#name = "";
    this.#data = [];
  }
}

/** Yields {name, data} of a response as they come; `onComment` hears each comment. An unfinished last event is dropped. */
export async function* events(response, onComment) {
  const parser = new EventParser(onComment);
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
