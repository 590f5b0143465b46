// What the edge, the Function URL or the app said when it refused a request, and what to do about it.

import { make } from "./dom.js";

const TEXT_LIMIT = 600; // characters that are shown of a body that is not JSON

// The first that fits a refusal answers. Facts about AWS: signature and permission errors are seen, the rest is documented.
const ADVICE = [
  [({ errorType }) => errorType.startsWith("InvalidSignatureException"),
    "The body’s digest is missing or wrong, so the signature that CloudFront made does not cover this body. Attach the " +
    "Edge Hasher function to this behavior’s origin-request event, with Include body on."],
  [({ errorType, status }) => errorType.startsWith("AccessDeniedException") && status === 403,
    "CloudFront may not call the function. Give cloudfront.amazonaws.com both lambda:InvokeFunctionUrl and " +
    "lambda:InvokeFunction, for this distribution, on the qualifier of the Function URL."],
  [({ type }) => type === "urn:edge-hasher:body-too-large",
    "The edge sees at most 1 MiB of a body. For a larger file let the browser send the digest: tick the box above Upload."],
  [({ type }) => type === "urn:edge-hasher:digest-mismatch",
    "The digest that was sent is not the digest of this body. Send the right one, or none."],
  [({ type }) => type.startsWith("urn:edge-hasher:"),
    "The Edge Hasher function answered this itself. Its detail names the setting to change."],
  [({ text }) => text.includes("<Error>") && text.includes("<Code>"),
    "The bucket of large uploads refused the file. Its code is below: after AccessDenied or ExpiredToken upload again, which asks " +
    "for a new URL; SignatureDoesNotMatch means that Host, the type or the length did not reach the bucket as they were signed."],
  [({ code }) => code === "large_uploads_off",
    "Send at most 6 MiB, or deploy the stack with LargeUploads=on."],
  [({ status, code }) => status < 500 && code !== "",
    "The app itself answered this: the request went through the edge, and the app did not want it."],
  [({ status }) => status === 413, "The body is larger than a Function URL takes, which is 6 MB. Send less."],
  [({ status }) => status === 403,
    "CloudFront or the Function URL refused. Check that the behavior allows POST, and that no firewall rule stands in the way."],
  [({ status }) => status === 429, "Too many requests at once. Wait a moment and try again."],
  [({ status }) => status === 502,
    "The function’s answer broke one of CloudFront’s rules, or the origin’s answer was not HTTP. The validation log of " +
    "the distribution says which."],
  [({ status }) => status === 503,
    "The edge function failed, is throttled, or may not run at the edge. Its log is in the Region where it ran."],
  [({ status }) => status === 504,
    "The origin did not answer within the origin’s read timeout. Raise it, or send heartbeats more often."],
];

/** Reads a refused response: {status, statusText, errorType, requestId, code, type, title, detail, message, text}. */
export async function read(response) {
  const header = (name) => response.headers.get(name) ?? "";
  const body = await response.text().catch(() => "");
  const said = parsed(body);
  const string = (...names) => names.map((name) => said?.[name]).find((value) => typeof value === "string") ?? "";
  return {
    status: response.status,
    statusText: response.statusText,
    errorType: header("x-amzn-errortype"),
    requestId: header("x-amz-cf-id"),
    code: string("error"),
    type: string("type"),
    title: string("title"),
    detail: string("detail"),
    message: string("message", "Message"),
    text: said ? "" : plain(body, header("content-type")),
  };
}

/** What to do, in a plain sentence. */
export function advice(refusal) {
  const known = ADVICE.find(([fits]) => fits(refusal));
  return known ? known[1] : "The answer is not one that this page knows. The request id finds it in the logs.";
}

/** The card of a refused request. */
export function card(refusal) {
  const heading = `Refused: ${refusal.status} ${refusal.statusText}`.trim();
  return build(heading, advice(refusal), {
    "status": String(refusal.status),
    "x-amzn-errortype": refusal.errorType,
    "title": refusal.title,
    "detail": refusal.detail,
    "message": refusal.message,
    "text": refusal.text,
    "type": refusal.type,
    "x-amz-cf-id": refusal.requestId,
  });
}

/** The card of a request that has no answer, or half of one. */
export function brokenCard(heading, what, requestId = "") {
  return build(heading, what, { "x-amz-cf-id": requestId });
}

function build(heading, what, facts) {
  const list = make("dl", { class: "facts" });
  for (const [name, value] of Object.entries(facts)) {
    if (value) list.append(make("dt", {}, name), make("dd", { "data-fact": name }, value));
  }
  const parts = [make("h3", {}, heading), make("p", { class: "advice", "data-fact": "advice" }, what)];
  if (list.childElementCount) parts.push(list);
  return make("section", { class: "refusal", role: "alert", "data-refusal": facts.status ?? "none" }, ...parts);
}

function parsed(body) {
  try {
    const value = JSON.parse(body);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

// CloudFront's own error pages are HTML. The tags go first, since their styles would offend the page's policy; what is left is
// parsed for its entities, in a document that runs nothing, and shown as text.
function plain(body, contentType) {
  let text = body;
  if (contentType.includes("html")) {
    const words = body.replace(/<(style|script|title)\b[^]*?<\/\1\s*>/gi, " ").replace(/<[^>]*>/g, " ");
    text = new DOMParser().parseFromString(words, "text/html").body.textContent;
  }
  text = text.replace(/\s+/g, " ").trim();
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
}
