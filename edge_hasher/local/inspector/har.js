// The requests as an HTTP archive (HAR 1.2): what is kept of them, so without headers, bodies and secrets.

function entry(exchange) {
  const wait = exchange.first_byte_ms ?? exchange.total_ms ?? 0;
  const receive = Math.max((exchange.total_ms ?? wait) - wait, 0);
  const unknown = { httpVersion: "HTTP/1.1", cookies: [], headers: [], headersSize: -1 };
  return {
    startedDateTime: new Date(exchange.started_at * 1000).toISOString(),
    time: wait + receive,
    request: { ...unknown, method: exchange.method, url: location.origin + exchange.target, queryString: [], bodySize: exchange.body_bytes },
    response: {
      ...unknown,
      status: exchange.status,
      statusText: "",
      content: { size: exchange.answer_bytes, mimeType: "" },
      redirectURL: "",
      bodySize: exchange.answer_bytes,
    },
    cache: {},
    timings: { send: 0, wait, receive },
    comment: `${exchange.headline}. ${exchange.advice}`,
    _edge: { id: exchange.id, decision: exchange.decision, verdict: exchange.verdict, steps: exchange.steps },
  };
}

export function harOf(exchanges, version) {
  return { log: { version: "1.2", creator: { name: "Edge Hasher", version }, entries: exchanges.map(entry) } };
}

export function download(name, document_) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(document_, null, 2)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
